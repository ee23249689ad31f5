// The guest chat on a page of its own, for real use and for embedding. A link may carry `?start=` (a table, a dish, an
// outlet: whatever the restaurant printed) and `?lang=`.

import { Chat } from "./chat.js";
import { bindThemeToggle } from "./theme.js";
import { browserLanguage } from "./words.js";

const query = new URLSearchParams(location.search);
const payload = query.get("start") ?? "";
const title = document.title;

if (window.self !== window.top) document.documentElement.classList.add("embedded");
bindThemeToggle(document.getElementById("theme"));

const chat = new Chat(
  document.getElementById("chat"),
  // Another table's link in the same tab is another conversation.
  { key: payload ? `guest~${payload}` : "guest", language: query.get("lang") ?? browserLanguage(), payload },
  { unread: (count) => (document.title = count ? `(${count}) ${title}` : title) },
);
chat.start();
if (matchMedia("(pointer: fine)").matches) chat.composer.input.focus();

const ask = document.getElementById("restart-dialog");
document.getElementById("restart").addEventListener("click", () => ask.showModal());
ask.addEventListener("close", () => {
  if (ask.returnValue === "restart") chat.restart();
  chat.composer.input.focus();
});
