// The messages of one chat, as they are remembered and as they stand in the log. A reply is taken once, whether it came
// as an answer, on the stream, or both; one that replaces another is poured into the other's place.

import { el } from "./dom.js";
import { fill, makeBot, makeGuest, makeNote, showAge, showSending } from "./message.js";

const IDS_KEPT = 40; // of one message edited again and again

/** An entry is {type: "bot", ids, reply, at, ticket}, {type: "guest", text, small, event, state} or {type: "note", text}. */
export class Thread {
  /**
   * @param does   what the buttons of a message do, see `fill`
   * @param retry  (entry) => sends a guest's entry that failed once more
   * @param words  () => the chat's own words now
   */
  constructor({ history, log, kitchen, does, retry, words }) {
    Object.assign(this, { history, log, kitchen, does, retry, words });
    this.byId = new Map();
    this.nodes = new Map();
  }

  /** Shows again what the history holds. */
  restore() {
    for (const entry of this.history.entries) {
      // What was on its way when the page went is offered again, never sent unasked: it may be hours later.
      if (entry.state === "sending") entry.state = "failed";
      this.log.add(this.make(entry));
    }
    this.quieten();
    this.tick();
    this.log.toEnd();
  }

  get greeted() {
    return this.history.entries.some((entry) => entry.type === "bot");
  }

  make(entry) {
    let node;
    if (entry.type === "bot") {
      node = makeBot(entry);
      fill(node, entry, this.does, this.words());
      for (const id of entry.ids) this.byId.set(id, entry);
    } else if (entry.type === "guest") {
      node = makeGuest(entry, this.retry, this.words());
    } else {
      node = makeNote(entry);
    }
    this.nodes.set(entry, node);
    return node;
  }

  /** Keeps and shows `entry`, at the end or before the entry `before`. */
  add(entry, before = null) {
    for (const lost of this.history.add(entry, before)) this.drop(lost);
    const node = this.make(entry);
    this.log.add(node, before && this.nodes.get(before));
    return node;
  }

  remove(entry) {
    this.history.remove(entry);
    this.drop(entry);
  }

  drop(entry) {
    this.nodes.get(entry)?.remove();
    this.nodes.delete(entry);
    for (const id of entry.ids ?? []) this.byId.delete(id);
  }

  clear() {
    for (const entry of [...this.history.entries]) this.drop(entry);
    this.history.clear();
  }

  /** Takes `replies` that were not seen before; answers the entries that were added and those changed in place.
   *  `heard`: they came on the stream, unasked. */
  take(replies, heard = false) {
    const added = [];
    const changed = [];
    for (const reply of replies) {
      if (this.byId.has(reply.id)) continue;
      if (!reply.text && !reply.image && !reply.document && !reply.buttons?.length) continue; // a notice alone
      const old = reply.replaces ? this.byId.get(reply.replaces) : null;
      if (old) {
        this.change(old, reply);
        changed.push(old);
      } else {
        // The replaced message may still be on its way by the other road; its id is remembered so that it is not shown.
        const ids = reply.replaces ? [reply.replaces, reply.id] : [reply.id];
        const entry = { type: "bot", ids, reply, at: Date.now(), heard, ticket: this.kitchen && hasActions(reply) };
        this.add(entry);
        added.push(entry);
      }
    }
    if (added.length || changed.length) {
      const asking = [...changed, ...added].filter((entry) => entry.reply.buttons?.length);
      if (asking.length) this.quieten(asking.at(-1));
      this.tick();
    }
    return { added, changed };
  }

  /** The first of `replies` that stands in the log as a message of its own, if it came by the other road. */
  firstShown(replies) {
    return replies.filter((reply) => !reply.replaces).map((reply) => this.byId.get(reply.id)).find(Boolean) ?? null;
  }

  change(entry, reply) {
    entry.reply = reply;
    entry.ticket ||= this.kitchen && hasActions(reply);
    entry.ids = [...entry.ids, reply.id].slice(-IDS_KEPT);
    this.byId.set(reply.id, entry);
    this.history.save();
    const node = this.nodes.get(entry);
    this.log.steadily(node, () => keepingFocus(node, () => fill(node, entry, this.does, this.words())));
  }

  /** Only the newest buttons call for attention; older ones stay tappable and step back. */
  quieten(latest = this.history.entries.findLast((entry) => entry.reply?.buttons?.length)) {
    this.log.list.querySelector(".latest")?.classList.remove("latest");
    if (latest) this.nodes.get(latest)?.classList.add("latest");
  }

  showSending(entry) {
    const node = this.nodes.get(entry);
    if (node) showSending(node, entry, this.retry, this.words());
    this.history.save();
  }

  /** A line from the page itself, not kept; with `label` a button that does `act` and takes the line away. */
  note(text, label, act) {
    const entry = { type: "note", text };
    const button = label
      ? el("button", { class: "quiet", type: "button", on: { click: () => { node.remove(); act(); } } }, label)
      : null;
    const node = makeNote(entry, button);
    this.log.add(node);
    this.log.reveal(node);
  }

  reveal(entry) {
    this.log.reveal(this.nodes.get(entry));
  }

  /** For who taps with the keyboard: the next thing to press. */
  focus(entry) {
    const node = this.nodes.get(entry);
    (node.querySelector(".keys button, .keys a") ?? node).focus({ preventScroll: true });
  }

  tick(now = Date.now()) {
    for (const [entry, node] of this.nodes) if (entry.ticket) showAge(node, entry, now);
  }
}

const hasActions = (reply) => Boolean(reply.buttons?.some((row) => row.some((button) => button.action)));

/** Runs `change`, which rebuilds what is in `node`, and gives the focus back to the same button, or one in its place. */
function keepingFocus(node, change) {
  const keys = () => [...node.querySelectorAll(".keys button, .keys a")];
  const held = document.activeElement;
  if (!node.contains(held)) return change();
  const place = keys().indexOf(held);
  change();
  const now = keys();
  const next =
    now.find((key) => held.dataset.action !== undefined && key.dataset.action === held.dataset.action) ??
    now.find((key) => key.textContent === held.textContent) ??
    now[Math.min(Math.max(place, 0), now.length - 1)] ??
    node;
  next.focus({ preventScroll: true });
}
