// The practice payment page: one card, and the way back.

import { PaymentCard } from "./payment.js";
import { bindThemeToggle } from "./theme.js";
import { linkIdOf } from "./till.js";

const WATCH_MS = 5_000;

bindThemeToggle(document.getElementById("theme"));

const back = document.getElementById("back");
const card = new PaymentCard(linkIdOf(location.href) ?? "", {
  full: true,
  changed: (link) => {
    document.title = `${link.amount_text} · practice payment`;
    back.hidden = link.status === "created";
  },
  sentBack: (address) => location.assign(address), // as the real page does, with the real signature
});
document.getElementById("payment").append(card.element);
await card.load();

// The chat may cancel the link, or another tab pay it, while this page is open.
setInterval(() => {
  if (!document.hidden && card.link?.status === "created") card.load();
}, WATCH_MS);
