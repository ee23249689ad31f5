// The scrolling list of messages: what is shown where, and staying put. Two promises: something new is read from its
// top, and something that changes above the reader's eye does not move what the eye is on.

import { el, icon } from "./dom.js";

const NEAR_END_PX = 60;
const MARGIN_PX = 14;

export class Log {
  constructor({ label = null, empty = null }) {
    this.label = label;
    this.empty = empty ? el("p", { class: "empty" }, empty) : null;
    this.list = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", tabindex: "0" }, this.empty);
    this.typing = el(
      "div",
      { class: "msg msg-bot typing", hidden: true },
      el("div", { class: "bubble", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
    );
    this.jump = el("button", { class: "jump", type: "button", hidden: true, on: { click: () => this.toEnd() } });
    this.element = el("div", { class: "log-frame" }, this.list, this.jump);
    this.list.append(this.typing);
    this.atEnd = true;
    this.list.addEventListener("scroll", () => {
      // A pane that is not shown has no height; its scroll position then says nothing about the reader.
      if (this.list.clientHeight) this.atEnd = this.distanceToEnd() < NEAR_END_PX;
      if (this.atEnd) this.jump.hidden = true;
    });
    // A phone's keyboard, a rotated screen or a tab coming to the front changes the height: whoever was at the end stays.
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.list);
  }

  speak(words) {
    this.list.setAttribute("aria-label", this.label ?? words.conversation);
    this.jump.replaceChildren(words.newMessages, icon("down"));
  }

  distanceToEnd() {
    return this.list.scrollHeight - this.list.clientHeight - this.list.scrollTop;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.atEnd = true;
    this.jump.hidden = true;
  }

  /** Adds `node` at the end, or before another message. It moves nothing: see `reveal`. */
  add(node, before = null) {
    this.empty?.remove();
    this.list.insertBefore(node, before ?? this.typing);
  }

  /** Brings `node` into view with as much of what follows as fits; its own top wins when not all does. */
  reveal(node) {
    const top = node.offsetTop - this.list.offsetTop - MARGIN_PX;
    const end = this.list.scrollHeight - this.list.clientHeight;
    this.list.scrollTop = Math.min(top, end);
    this.atEnd = this.distanceToEnd() < NEAR_END_PX;
  }

  /** Something new came while the reader was looking further up: say so rather than drag them down. */
  announceBelow() {
    this.jump.hidden = false;
  }

  /** Runs `change`, which alters `node`, without moving what is being read. */
  steadily(node, change) {
    const wasAtEnd = this.atEnd;
    const above = node.offsetTop - this.list.offsetTop < this.list.scrollTop;
    const before = node.offsetHeight;
    const at = this.list.scrollTop;
    change();
    if (wasAtEnd && node === this.lastMessage()) this.reveal(node);
    else if (wasAtEnd) this.toEnd();
    else this.list.scrollTop = above ? at + node.offsetHeight - before : at;
  }

  lastMessage() {
    return this.typing.previousElementSibling;
  }

  showTyping(shown) {
    const follow = this.atEnd;
    this.typing.hidden = !shown;
    if (shown && follow) this.toEnd();
  }
}
