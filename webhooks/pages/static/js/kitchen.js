// The outlets' groups, a tab each. They are sessions of the same chat: cards come on the stream, buttons are taps,
// commands are texts, and a line that answers a guest's words goes to that guest.

import { Chat } from "./chat.js";
import { el } from "./dom.js";
import { Tabs } from "./tabs.js";
import { streamPath } from "./transport.js";

const SHORTCUTS = [
  { label: "Board", text: "/board", send: true },
  { label: "Orders", text: "/orders", send: true },
  { label: "Sold out…", text: "/soldout " },
  { label: "Back on…", text: "/back " },
  { label: "Pause", text: "/pause", send: true },
  { label: "Resume", text: "/resume", send: true },
  { label: "Help", text: "/help", send: true },
];

export class Kitchen {
  /** @param on  {incoming(), unread(total), renew()} */
  constructor(pane, streams, on, isShown) {
    this.host = pane.querySelector(".panels");
    this.streams = streams;
    this.on = on;
    this.isShown = isShown;
    this.chats = new Map();
    this.unread = new Map();
    this.tabs = new Tabs(pane.querySelector(".tabs"), { label: "Outlets", onSelect: () => this.refresh() });
  }

  /** Joins the group of every outlet: `kitchens` is {outlet code: session}. */
  open(outlets, kitchens) {
    for (const { code, name } of outlets) if (kitchens[code]) this.add(code, name, kitchens[code]);
    this.refresh();
  }

  add(code, name, session) {
    const key = `kitchen-${code}`;
    const panel = el("div", { class: "panel" });
    this.host.append(panel);
    const chat = new Chat(
      panel,
      {
        key,
        session,
        kitchen: true,
        language: "en",
        label: `Message to the kitchen group of ${name}`,
        empty: "No orders yet. A card comes here the moment a guest places one.",
        shortcuts: SHORTCUTS,
      },
      { incoming: this.on.incoming, unread: (count) => this.count(key, count), renew: this.on.renew },
      (joined, on, lastId) => this.streams.connect(joined, streamPath(joined), on, lastId),
    );
    this.chats.set(key, chat);
    this.tabs.add(key, name, panel);
    chat.start();
  }

  refresh() {
    for (const [key, chat] of this.chats) chat.show(key === this.tabs.selected && this.isShown());
  }

  count(key, count) {
    this.unread.set(key, count);
    this.tabs.badge(key, count);
    this.on.unread([...this.unread.values()].reduce((sum, one) => sum + one, 0));
  }
}
