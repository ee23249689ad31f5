// The line a guest or a cook writes in. Enter sends, Shift+Enter breaks the line, and an Enter that only closes a
// Hindi input method's suggestion does neither.

import { el, icon } from "./dom.js";

export class Composer {
  /**
   * @param label     the accessible name, when the words' own is not enough
   * @param on        {send(text, replyTo)}, and {locate()} for a guest whose place can be known
   * @param shortcuts commands offered above the line: {label, text, send}
   */
  constructor({ label = null, on, shortcuts = [] }) {
    this.label = label;
    this.on = on;
    this.replyTo = null;
    this.input = el("textarea", {
      class: "line", rows: "1", autocomplete: "off", autocapitalize: "sentences", enterkeyhint: "send", dir: "auto",
    });
    this.sendButton = el("button", { class: "send", type: "submit" }, icon("send"));
    this.locateButton = on.locate
      ? el("button", { class: "locate", type: "button", on: { click: () => on.locate() } }, icon("pin"))
      : null;
    this.answering = el("div", { class: "answering", hidden: true });
    const chips = shortcuts.map(({ label: name, text, send }) =>
      el("button", { class: "chip", type: "button", on: { click: () => (send ? on.send(text, null) : this.prefill(text)) } }, name),
    );
    this.form = el(
      "form",
      { class: "composer" },
      chips.length ? el("div", { class: "chips" }, chips) : null,
      this.answering,
      el("div", { class: "composer-row" }, this.locateButton, this.input, this.sendButton),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      } else if (event.key === "Escape" && this.replyTo) {
        this.answer(null);
      }
    });
    this.input.addEventListener("input", () => this.fit());
    // Pressing the button must not take the focus from the line, or a phone folds its keyboard after every message.
    this.sendButton.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  speak(words) {
    this.input.setAttribute("aria-label", this.label ?? words.message);
    this.input.placeholder = words.placeholder;
    this.sendButton.setAttribute("aria-label", words.send);
    this.sendButton.title = words.send;
    this.locateButton?.setAttribute("aria-label", words.location);
    if (this.locateButton) this.locateButton.title = words.location;
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const replyTo = this.replyTo?.id ?? null;
    this.input.value = "";
    this.answer(null);
    this.fit();
    this.on.send(text, replyTo);
  }

  /** Puts `text` in the line, ready to be looked over and sent. */
  prefill(text) {
    this.input.value = text;
    this.fit();
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  /** The next text answers the message `about` ({id, excerpt}); null ends that. */
  answer(about) {
    this.replyTo = about;
    this.answering.hidden = !about;
    if (!about) return this.answering.replaceChildren();
    this.answering.replaceChildren(
      el("span", {}, "Answering: ", el("q", {}, about.excerpt)),
      el("button", { class: "quiet", type: "button", "aria-label": "Do not answer this message", on: { click: () => this.answer(null) } }, icon("close")),
    );
    this.input.focus();
  }

  locating(busy) {
    if (this.locateButton) this.locateButton.disabled = busy;
  }

  /** Grows with what is written, up to the height the style sheet allows. */
  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }
}
