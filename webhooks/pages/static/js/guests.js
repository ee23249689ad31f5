// The demo's guests. One to begin with; a second one lets a person see two at once, as a restaurant does.

import { Chat } from "./chat.js";
import { el } from "./dom.js";
import { Tabs } from "./tabs.js";
import { streamPath } from "./transport.js";
import { browserLanguage } from "./words.js";

const KEY = "tiffin.demo.guests";

export class Guests {
  /** @param on  {open(event, address), unread(total)} */
  constructor(pane, streams, on, isShown) {
    this.host = pane.querySelector(".panels");
    this.streams = streams;
    this.on = on;
    this.isShown = isShown;
    this.chats = new Map();
    this.unread = new Map();
    this.tabs = new Tabs(pane.querySelector(".tabs"), { label: "Guests", onSelect: () => this.refresh() });
    pane.querySelector(".new-guest").addEventListener("click", () => this.add(this.chats.size + 1, true));
    const { count, front } = this.remembered();
    for (let number = 1; number <= count; number++) this.add(number);
    this.tabs.select(front);
  }

  get active() {
    return this.chats.get(this.tabs.selected);
  }

  add(number, front = false) {
    const key = `guest-${number}`;
    const panel = el("div", { class: "panel" });
    this.host.append(panel);
    const chat = new Chat(
      panel,
      { key, language: browserLanguage(), payload: "" },
      { open: this.on.open, unread: (count) => this.count(key, count) },
      (session, on, lastId) => this.streams.connect(session, streamPath(session), on, lastId),
    );
    this.chats.set(key, chat);
    this.tabs.add(key, `Guest ${number}`, panel);
    chat.start();
    if (front) {
      this.tabs.select(key);
      chat.composer.input.focus();
    }
    this.refresh();
  }

  /** Who is in front hears and is read; the others rest, if each has a connection of its own. */
  refresh() {
    for (const [key, chat] of this.chats) {
      const front = key === this.tabs.selected;
      chat.show(front && this.isShown());
      if (front || this.streams.shared) chat.listen();
      else chat.stopListening();
    }
    this.remember();
  }

  count(key, count) {
    this.unread.set(key, count);
    this.tabs.badge(key, count);
    this.on.unread([...this.unread.values()].reduce((sum, one) => sum + one, 0));
  }

  remembered() {
    try {
      return { count: 1, front: null, ...JSON.parse(sessionStorage.getItem(KEY)) };
    } catch {
      return { count: 1, front: null };
    }
  }

  remember() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ count: this.chats.size, front: this.tabs.selected }));
    } catch {
      // A reload then begins with one guest.
    }
  }
}
