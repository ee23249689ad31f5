// One conversation: a guest with the restaurant, or an outlet's kitchen group. It ties the thread of messages, the line
// to write in, the outbox and the stream together, and is the same for every pane; `kitchen` changes what it offers.

import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { History } from "./history.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { canLocate, whereAmI } from "./place.js";
import { Stream } from "./stream.js";
import { languageOf } from "./text.js";
import { Thread } from "./thread.js";
import { freshId, openSession, sendEvent, streamPath } from "./transport.js";
import { wordsIn } from "./words.js";

const ECHO_AFTER_MS = 700; // a tap answered in place sooner than this leaves no bubble behind
const TYPING_AFTER_MS = 250;
const TOAST_MS = 5_000;
const OFFLINE_AFTER_MS = 2_000; // a reconnect shorter than this is nobody's business

/** The usual stream: one connection for one session. */
const ownStream = (session, on, lastId) => new Stream(streamPath(session), on, lastId);

export class Chat {
  /**
   * @param host      the element to fill
   * @param options   {key, session, kitchen, language, payload, label, empty, shortcuts}: `key` names the history;
   *                  a fixed `session` (a kitchen's) is joined, otherwise one is opened
   * @param on        {unread(count), incoming(), open(event, address), renew()}; `renew` when a fixed session has ended
   * @param connect   (session, handlers, lastId) => {close()}
   */
  constructor(host, options, on = {}, connect = ownStream) {
    this.host = host;
    this.options = options;
    this.on = on;
    this.connect = connect;
    this.visible = true;
    this.unread = 0;
    this.history = new History(options.key);
    this.log = new Log({ label: options.label, empty: options.empty });
    const locate = !options.kitchen && canLocate ? () => this.shareLocation() : null;
    this.composer = new Composer({
      label: options.label,
      shortcuts: options.shortcuts,
      on: { send: (text, replyTo) => this.say(text, replyTo), locate },
    });
    this.toast = el("div", { class: "toast", role: "status" });
    this.offline = el("div", { class: "offline", role: "status" });
    host.classList.add("chat", options.kitchen ? "chat-kitchen" : "chat-guest");
    host.replaceChildren(this.log.element, this.offline, this.toast, this.composer.form);
    this.thread = new Thread({
      history: this.history,
      log: this.log,
      kitchen: Boolean(options.kitchen),
      does: {
        tap: (...tapped) => this.tap(...tapped),
        locate,
        open: (event, address) => this.on.open?.(event, address),
        reply: options.kitchen ? (entry) => this.answer(entry) : null,
      },
      retry: (entry) => this.retry(entry),
      words: () => this.words,
    });
    this.outbox = new Outbox((event) => sendEvent(this.history.session, event, this.language), {
      answered: (item, answer) => this.answered(item, answer),
      delayed: (item, seconds) => this.delayed(item, seconds),
      failed: (item) => this.failed(item),
      refused: (item, error) => this.refused(item, error),
      busy: (busy) => this.busy(busy),
    });
    this.speak(options.language);
    document.addEventListener("visibilitychange", () => this.noticeReader());
    if (options.kitchen) setInterval(() => this.thread.tick(), 1_000);
  }

  /** Shows what is remembered, then joins the session or opens one. */
  async start() {
    const { session } = this.options;
    if (session && this.history.session !== session) this.history.clear();
    if (session) this.history.session = session;
    this.thread.restore();
    await this.join();
  }

  async join() {
    if (this.history.session === null && !(await this.open())) return;
    this.listen();
    if (!this.options.session && !this.thread.greeted) {
      // The first event of a session; nobody typed it, so it leaves no bubble.
      this.outbox.push({ event: { id: freshId(), type: "start", payload: this.options.payload ?? "" } });
    }
  }

  /** Opens the stream; a chat that stopped listening takes up where it left. */
  listen() {
    if (this.stream || this.over || this.history.session === null) return;
    this.stream = this.connect(
      this.history.session,
      {
        data: (payload, id) => this.arrived(payload, id),
        live: () => this.showOffline(false),
        waiting: () => this.showOffline(true),
        gone: () => this.end(),
      },
      this.history.lastEventId,
    );
  }

  stopListening() {
    this.stream?.close();
    this.stream = null;
    this.showOffline(false);
  }

  async open() {
    this.busy(true);
    try {
      this.history.session = await openSession(this.language);
      this.history.save();
      return true;
    } catch {
      this.thread.note(this.words.cannotStart, this.words.retry, () => this.join());
      return false;
    } finally {
      this.busy(false);
    }
  }

  /** Forgets this conversation and begins another, in the same place. */
  async restart() {
    this.stopListening();
    this.over = false;
    this.thread.clear();
    await this.join();
  }

  // ---- what the guest or the cook does

  say(text, replyTo = null) {
    const event = { id: freshId(), type: "text", text };
    if (replyTo) event.reply_to = replyTo;
    this.send({ type: "guest", text, event, state: "sending" });
  }

  send(entry) {
    this.thread.add(entry);
    this.thread.reveal(entry);
    this.outbox.push({ event: entry.event, entry });
    this.tell("");
  }

  /** A tap is echoed as a small bubble, unless its answer comes at once and changes the tapped message in place. */
  tap(entry, button, { action, label }, byKeyboard) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    const event = { id: freshId(), type: "tap", action, message: entry.reply.id };
    const echo = { type: "guest", text: label, small: true, event, state: "sending" };
    const item = { event, entry: echo, button, byKeyboard, echoed: false };
    item.timer = setTimeout(() => this.echo(item), ECHO_AFTER_MS);
    this.outbox.push(item);
    this.tell("");
  }

  echo(item, before = null) {
    clearTimeout(item.timer);
    if (item.echoed || !item.entry) return;
    item.echoed = true;
    this.thread.add(item.entry, before);
    if (!before) this.thread.reveal(item.entry);
  }

  retry(entry) {
    entry.state = "sending";
    entry.slow = null;
    this.thread.showSending(entry);
    this.outbox.push({ event: entry.event, entry, echoed: true });
  }

  async shareLocation() {
    this.composer.locating(true);
    this.tell(this.words.locating);
    try {
      const event = { id: freshId(), type: "location", ...(await whereAmI()) };
      this.send({ type: "guest", text: this.words.myLocation, event, state: "sending" });
    } catch {
      this.tell(this.words.locationRefused);
    } finally {
      this.composer.locating(false);
    }
  }

  /** The cook's next line answers `entry`, a guest's words relayed to the group. */
  answer(entry) {
    const excerpt = entry.reply.text.replace(/\s+/g, " ").slice(0, 60);
    this.composer.answer({ id: entry.reply.id, excerpt });
  }

  // ---- what comes back

  answered(item, answer) {
    const { entry } = item;
    clearTimeout(item.timer);
    item.button?.removeAttribute("aria-disabled");
    const replies = answer.replies ?? [];
    const { added, changed } = this.thread.take(replies);
    if (entry) {
      entry.state = "sent";
      // The stream may have been quicker with the same replies: the echo then belongs before them.
      const first = added[0] ?? this.thread.firstShown(replies);
      const isTap = item.event.type === "tap";
      if (isTap && first) this.echo(item, first);
      else if (isTap && item.echoed) this.thread.remove(entry);
      this.thread.showSending(entry);
    }
    if (added.length) this.thread.reveal(added[0]);
    if (added.length && item.byKeyboard) this.thread.focus(added.at(-1));
    this.after(answer, replies, added, changed);
  }

  arrived(payload, id) {
    if (id !== null) this.history.lastEventId = id;
    const replies = payload.replies ?? [];
    const wasAtEnd = this.log.atEnd;
    const { added, changed } = this.thread.take(replies, true);
    if (added.length && wasAtEnd) this.thread.reveal(added[0]);
    else if (added.length) this.log.announceBelow();
    if (added.length) this.on.incoming?.();
    this.after(payload, replies, added, changed);
    this.history.save();
  }

  after(payload, replies, added, changed) {
    const notice = [payload.notice, ...replies.map((reply) => reply.notice)].filter(Boolean).at(-1);
    if (notice) this.tell(notice);
    if (!this.options.kitchen) {
      const latest = [...changed, ...added].at(-1)?.reply.text;
      this.speak((latest && languageOf(latest)) ?? this.language);
    }
    if (added.length && !this.isRead()) {
      this.unread += added.length;
      this.on.unread?.(this.unread);
    }
  }

  delayed(item, seconds) {
    this.echo(item);
    if (!item.entry) return;
    item.entry.slow = this.words.slowDown(seconds);
    this.thread.showSending(item.entry);
  }

  failed(item) {
    item.button?.removeAttribute("aria-disabled");
    if (!item.entry) {
      this.thread.note(this.words.cannotStart, this.words.retry, () => this.outbox.push(item));
      return;
    }
    this.echo(item);
    item.entry.state = "failed";
    this.thread.showSending(item.entry);
  }

  refused(item, error) {
    item.button?.removeAttribute("aria-disabled");
    if (item.entry) {
      this.echo(item);
      item.entry.state = "sent";
      this.thread.showSending(item.entry);
    }
    if (error.gone) this.end();
    else this.thread.note(error.message);
  }

  /** The server knows this session no more. What was said stays to be read. */
  end() {
    if (this.over) return;
    this.over = true;
    this.stopListening();
    const again = this.options.session ? () => this.on.renew?.() : () => this.restart();
    this.thread.note(this.words.ended, this.words.startAgain, again);
  }

  // ---- small signs

  speak(language) {
    if (language === this.language) return;
    this.language = language;
    this.words = wordsIn(language);
    this.host.lang = language;
    this.log.speak(this.words);
    this.composer.speak(this.words);
  }

  busy(busy) {
    clearTimeout(this.typingTimer);
    if (busy) this.typingTimer = setTimeout(() => this.log.showTyping(true), TYPING_AFTER_MS);
    else this.log.showTyping(false);
  }

  tell(text) {
    clearTimeout(this.toastTimer);
    this.toast.textContent = text;
    if (text) this.toastTimer = setTimeout(() => this.tell(""), TOAST_MS);
  }

  showOffline(offline) {
    clearTimeout(this.offlineTimer);
    if (!offline) this.offline.textContent = "";
    else this.offlineTimer = setTimeout(() => (this.offline.textContent = this.words.reconnecting), OFFLINE_AFTER_MS);
  }

  /** Whether this chat is in front of somebody; panes and tabs say so. */
  show(visible) {
    this.visible = visible;
    this.noticeReader();
  }

  isRead() {
    return this.visible && !document.hidden;
  }

  noticeReader() {
    if (!this.isRead() || !this.unread) return;
    this.unread = 0;
    this.on.unread?.(0);
  }
}
