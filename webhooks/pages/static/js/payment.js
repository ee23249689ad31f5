// One practice payment: what is owed, how, and what to pretend. The same card is the payment page and the demo's till.

import { el, icon } from "./dom.js";
import { get, post } from "./transport.js";

const STATUS = { created: "Waiting for payment", paid: "Paid", expired: "Expired", cancelled: "Cancelled" };
const METHODS = { upi: "UPI", card: "Card", wallet: "Wallet", netbanking: "Net banking" };
const BY = { upi: "UPI", card: "card", wallet: "wallet", netbanking: "net banking" };
const BACK = { pending: "on its way back", processed: "back with the guest", failed: "could not be given back" };

/** What can be played beside paying and failing: on the button, what it is, and what is said once it is done. */
const PLAYS = {
  pay_twice: {
    label: (link) => (link.status === "created" ? "Pay twice" : "Pay again"),
    hint: "The same link paid once more from another tab.",
    said: "Paid a second time. One payment is enough, so the other goes back.",
  },
  expire: {
    label: () => "Let it expire",
    hint: "The time of the link is over now.",
    said: "The link is over. Money that lands now comes late.",
  },
  pay_late: {
    label: () => "Pay late",
    hint: "Money that was on its way lands although the link is over.",
    said: "Paid late. The chat says what becomes of the money.",
  },
  refund: {
    label: () => "Refund by hand",
    hint: "Somebody gives the money back at the bank, past Tiffin.",
    said: "Given back by hand. The chat hears of it, and the order is marked for somebody to look at.",
  },
};
const SAID = {
  pay: () => "Paid. The bank tells the restaurant.",
  fail: () => "The payment failed, as asked. It can be tried again.",
};
const CHECK_EXPIRY_MS = 5_000;

let cards = 0;

export class PaymentCard {
  /**
   * @param changed  (link) after every look at it or press on it
   * @param sentBack  (address) after a payment, where the bank sends the browser
   */
  constructor(id, { full = false, url = null, changed = () => {}, sentBack = () => {} } = {}) {
    this.path = `/sandbox/links/${encodeURIComponent(id)}`;
    this.full = full;
    this.url = url;
    this.changed = changed;
    this.sentBack = sentBack;
    this.name = `method-${++cards}`;
    this.said = el("p", { class: "pay-said", role: "status" });
    this.body = el("div", { class: "pay-body" });
    this.element = el("article", { class: full ? "pay pay-full" : "pay", tabindex: "-1" }, this.body);
    setInterval(() => this.tick(), 1_000);
  }

  /** Reads the link anew from the server; answers whether it could. */
  async load() {
    try {
      this.show(await get(this.path));
      return true;
    } catch (failure) {
      this.said.textContent = failure.message;
      if (!this.link) this.body.replaceChildren(this.said);
      return false;
    }
  }

  /** Shows `link`, the server's own words or the few of them a list of links knows. */
  show(link) {
    const before = JSON.stringify(this.link);
    this.link = { ...this.link, ...link };
    if (JSON.stringify(this.link) === before) return;
    this.body.replaceChildren(...this.render());
    this.tick();
    this.changed(this.link);
  }

  render() {
    const { merchant, order_code: code, amount_text: amount, status } = this.link;
    this.left = el("span", { class: "pay-left" });
    return [
      this.full && merchant ? el("p", { class: "pay-merchant" }, merchant) : "",
      el("div", { class: "pay-line" }, el("span", { class: "pay-order" }, `Order ${code}${this.by(" · ")}`), this.badge(status)),
      el("p", { class: "pay-amount" }, amount),
      this.left,
      this.payments(),
      this.form(status),
      this.said,
      !this.full && this.url
        ? el("a", { class: "quiet pay-page", href: this.url, target: "_blank", rel: "noopener" }, "Open as its own page", icon("out"))
        : "",
    ];
  }

  badge(status) {
    return el("span", { class: `pill pill-${status}` }, status === "paid" ? icon("check") : null, STATUS[status] ?? status);
  }

  /** Every try and what became of it, in the order in which they came. */
  payments() {
    const tries = this.link.payments ?? [];
    if (!tries.length) return "";
    return el(
      "ul",
      { class: "pay-tries", "aria-label": "Payments" },
      tries.map((payment) =>
        el(
          "li",
          { class: `pay-try pay-try-${payment.status}` },
          el("span", {}, `${payment.amount_text} ${payment.status}`),
          el("span", { class: "pay-how" }, METHODS[payment.method] ?? payment.method),
          payment.back.map((refund) =>
            el("span", { class: `pay-back-part pay-back-${refund.status}` }, `${refund.amount_text} ${BACK[refund.status]}`),
          ),
        ),
      ),
    );
  }

  form(status) {
    const open = status === "created";
    const press = (action) => ({ click: () => this.act(action) });
    return el(
      "form",
      { class: "pay-form", on: { submit: (event) => event.preventDefault() } },
      open ? this.methods() : null,
      open
        ? el(
            "div",
            { class: "pay-buttons" },
            el("button", { class: "key key-primary", type: "button", on: press("pay") }, `Pay ${this.link.amount_text}${this.by(" by ", BY)}`),
            el("button", { class: "key", type: "button", on: press("fail") }, "Let it fail"),
          )
        : null,
      this.trouble(press),
    );
  }

  /** The one way this link can be paid, behind `before`; nothing where there is a choice. */
  by(before, names = METHODS) {
    const [only, ...others] = this.link.methods ?? [];
    return only && !others.length ? before + (names[only] ?? only) : "";
  }

  /** What goes wrong in life. In the till at hand; on the payment page behind a line nobody has to open. */
  trouble(press) {
    const names = (this.link.plays ?? []).filter((name) => name in PLAYS);
    if (!names.length) return null;
    const button = (name) =>
      el(
        "button",
        { class: "small-button", type: "button", title: PLAYS[name].hint, on: press(name) },
        PLAYS[name].label(this.link),
      );
    if (!this.full) return el("div", { class: "pay-plays" }, names.map(button));
    return el(
      "details",
      { class: "pay-trouble" },
      el("summary", {}, "Try what can go wrong"),
      names.map((name) => el("p", {}, button(name), el("span", { class: "pay-help" }, PLAYS[name].hint))),
    );
  }

  methods() {
    const names = this.link.methods ?? [];
    if (names.length < 2) return null; // the one there is stands on the button
    return el(
      "fieldset",
      { class: "methods" },
      el("legend", {}, "Pay with"),
      names.map((name, i) =>
        el(
          "label",
          { class: "method" },
          el("input", { type: "radio", name: this.name, value: name, checked: i === 0 }),
          el("span", {}, METHODS[name] ?? name),
        ),
      ),
    );
  }

  async act(action) {
    const buttons = [...this.body.querySelectorAll("button")];
    if (buttons.some((button) => button.disabled)) return;
    const held = this.element.contains(document.activeElement);
    const method = this.body.querySelector("input:checked")?.value ?? this.link.methods?.[0] ?? "";
    for (const button of buttons) button.disabled = true;
    try {
      const { return_to: back, ...link } = await post(`${this.path}/actions`, { action, method });
      this.show(link);
      this.said.textContent = PLAYS[action]?.said ?? SAID[action]();
      if (back) this.sentBack(back);
    } catch (failure) {
      this.said.textContent = failure.message || "The till cannot be reached just now. Nothing was paid.";
    } finally {
      for (const button of buttons) button.disabled = false;
    }
    if (held && !this.element.contains(document.activeElement)) this.element.focus({ preventScroll: true });
  }

  /** The time that is left; once it is over the server is asked what it has made of the link. */
  tick() {
    if (!this.left || !this.element.isConnected) return;
    const { status, expires_at: end } = this.link;
    const seconds = end ? Math.ceil((Date.parse(end) - Date.now()) / 1_000) : null;
    const open = status === "created" && seconds !== null;
    this.left.hidden = !open;
    if (!open) return;
    this.left.textContent =
      seconds > 0 ? `Open for ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} more` : "Time is over";
    if (seconds <= 0 && !document.hidden && Date.now() - (this.checked ?? 0) > CHECK_EXPIRY_MS) {
      this.checked = Date.now();
      this.load();
    }
  }
}
