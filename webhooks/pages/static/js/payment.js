// One practice payment: what is owed, how, and what to pretend. The same card is the payment page and the demo's till.

import { el, icon } from "./dom.js";
import { get, post } from "./transport.js";

const STATUS = { created: "Waiting for payment", paid: "Paid", expired: "Expired", cancelled: "Cancelled" };
const METHODS = { upi: "UPI", card: "Card", wallet: "Wallet", netbanking: "Net banking" };
const SAID = {
  pay: () => "Paid. The chat already knows.",
  fail: (link) =>
    link.status === "created" ? "The payment failed, as asked. It can be tried again." : "The payment failed, as asked.",
  pay_late: () => "Paid late. The chat says what becomes of the money.",
};
const LATE = "Pay late: the money comes after the link is over, as it sometimes does.";
const CHECK_EXPIRY_MS = 5_000;

let cards = 0;

export class PaymentCard {
  /** @param changed  (link) after every look at it or press on it */
  constructor(id, { full = false, url = null, changed = () => {} } = {}) {
    this.path = `/sandbox/links/${encodeURIComponent(id)}`;
    this.full = full;
    this.url = url;
    this.changed = changed;
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
      el("div", { class: "pay-line" }, el("span", { class: "pay-order" }, `Order ${code}`), this.badge(status)),
      el("p", { class: "pay-amount" }, amount),
      this.left,
      status === "paid" ? this.said : this.form(status),
      !this.full && this.url
        ? el("a", { class: "quiet pay-page", href: this.url, target: "_blank", rel: "noopener" }, "Open as its own page", icon("out"))
        : "",
    ];
  }

  badge(status) {
    return el("span", { class: `pill pill-${status}` }, status === "paid" ? icon("check") : null, STATUS[status] ?? status);
  }

  form(status) {
    const open = status === "created";
    const press = (action) => ({ click: () => this.act(action) });
    return el(
      "form",
      { class: "pay-form", on: { submit: (event) => event.preventDefault() } },
      open ? this.methods() : null,
      el(
        "div",
        { class: "pay-buttons" },
        open ? el("button", { class: "key key-primary", type: "button", on: press("pay") }, `Pay ${this.link.amount_text}`) : null,
        open ? el("button", { class: "key", type: "button", on: press("fail") }, "Let it fail") : null,
        el("button", { class: "key", type: "button", title: LATE, on: press("pay_late") }, "Pay late"),
      ),
      this.said,
      this.full || !open ? el("p", { class: "pay-help" }, LATE) : null,
    );
  }

  methods() {
    const names = this.link.methods ?? [];
    if (!names.length) return null;
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
    const method = this.body.querySelector("input:checked")?.value ?? this.link.methods?.[0] ?? "upi";
    for (const button of buttons) button.disabled = true;
    try {
      const link = await post(`${this.path}/actions`, { action, method });
      this.show(link);
      this.said.textContent = SAID[action](link);
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
