// The till: every practice payment link of this demo, newest first, payable without leaving the page.

import { el } from "./dom.js";
import { Kept } from "./kept.js";
import { PaymentCard } from "./payment.js";
import { get, post } from "./transport.js";

const SWITCH = "/demo/till/webhooks";
const PAY_PAGE = /^\/sandbox\/pay\/([^/]+)$/;

/** The id of the practice payment an address leads to, else null. The host is left aside: it may be known by two names. */
export function linkIdOf(address) {
  const match = PAY_PAGE.exec(new URL(address, location.href).pathname);
  return match && decodeURIComponent(match[1]);
}

export class Till {
  /** @param on  {arrived()} */
  constructor(section, streams, on) {
    this.list = section.querySelector(".link-list");
    this.empty = section.querySelector(".empty");
    this.on = on;
    this.cards = new Map();
    this.kept = new Kept("till");
    this.drop = section.querySelector(".drop-news");
    this.lost = section.querySelector(".news-lost");
    this.drop.addEventListener("click", () => this.press());
    this.look();
    for (const link of this.kept.items.values()) this.card(link.id, link).load();
    streams.connect("till", "/demo/till/stream", { data: (news, id) => this.hear(news, id) }, this.kept.lastId);
  }

  hear({ link, webhooks }, id) {
    if (link) this.take(link, id);
    if (webhooks) this.showSwitch(webhooks);
  }

  async look() {
    try {
      this.showSwitch(await get(SWITCH));
    } catch {
      this.drop.hidden = true; // payments are not played here
    }
  }

  async press() {
    try {
      this.showSwitch(await post(SWITCH, { dropping: this.drop.getAttribute("aria-pressed") !== "true" }));
    } catch {
      // It stays as it was; the button shows it.
    }
  }

  showSwitch({ dropping }) {
    this.drop.setAttribute("aria-pressed", String(dropping));
    this.lost.hidden = !dropping;
  }

  take(link, id) {
    const isNew = this.kept.put(link, id);
    // The few words of the stream come first; methods and the time left follow.
    this.card(link.id, link).load();
    if (isNew) this.on.arrived();
  }

  card(id, link = {}) {
    let card = this.cards.get(id);
    if (!card) {
      card = new PaymentCard(id, { url: link.url ?? `/sandbox/pay/${encodeURIComponent(id)}` });
      this.cards.set(id, card);
      this.empty.hidden = true;
      this.list.prepend(el("li", {}, card.element));
    }
    if (link.order_code) card.show({ order_code: link.order_code, amount_text: link.amount_text, status: link.status });
    return card;
  }

  /** Brings the link to the eye and the focus; answers whether the till knows it. */
  async focus(id) {
    const card = this.card(id);
    if (!(await card.load())) return false;
    card.element.scrollIntoView({ block: "nearest" });
    card.element.focus({ preventScroll: true });
    card.element.classList.add("called");
    setTimeout(() => card.element.classList.remove("called"), 1_500);
    return true;
  }
}
