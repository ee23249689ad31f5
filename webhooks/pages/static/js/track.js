// The live order page. The stream tells the whole order every time, so the page simply shows the last it heard.

import { el, icon } from "./dom.js";
import { Stream } from "./stream.js";
import { languageOf, voiceOf } from "./text.js";
import { bindThemeToggle } from "./theme.js";
import { browserLanguage, wordsIn } from "./words.js";

const page = document.getElementById("order");
const state = document.getElementById("link-state");
let words = wordsIn(browserLanguage());

function show(order) {
  const language = languageOf(`${order.status_text} ${order.promised_text ?? ""}`) ?? document.documentElement.lang;
  document.documentElement.lang = language;
  words = wordsIn(language);
  document.title = `${order.code} · ${order.status_text}`;
  page.replaceChildren(
    el(
      "header",
      { class: "order-head" },
      el("p", { class: "order-outlet" }, order.outlet),
      el("p", { class: "order-code" }, order.code),
      // Only this is read aloud when it changes; the whole page would be too much each time.
      el("h1", { class: "order-status", lang: voiceOf(order.status_text) }, order.status_text),
      order.promised_text ? el("p", { class: "order-promise" }, order.promised_text) : null,
    ),
    steps(order.steps ?? []),
    el(
      "section",
      { class: "order-lines", "aria-label": words.items },
      el("h2", {}, words.items),
      el("ul", {}, (order.lines ?? []).map(line)),
      order.total_text ? el("p", { class: "order-total" }, el("span", {}, words.total), el("span", {}, order.total_text)) : null,
    ),
  );
  document.getElementById("said").textContent = [order.status_text, order.promised_text].filter(Boolean).join(". ");
}

function steps(list) {
  const current = list.findLastIndex((step) => step.done);
  return el(
    "ol",
    { class: "steps", "aria-label": words.steps },
    list.map((step, i) => {
      const standing = i === current ? "now" : step.done ? "done" : "still";
      return el(
        "li",
        { class: `step step-${standing}`, "aria-current": i === current ? "step" : null },
        el("span", { class: "step-mark", "aria-hidden": "true" }, step.done ? icon("check") : null),
        el("span", { class: "step-name", lang: voiceOf(step.name) }, step.name),
        el("span", { class: "aside" }, ` (${words[standing]})`),
        step.at_text ? el("span", { class: "step-at" }, step.at_text) : null,
      );
    }),
  );
}

/** A line is a sentence, or {name, quantity, detail, total_text}. */
function line(what) {
  if (typeof what === "string") return el("li", { class: "line-text" }, what);
  return el(
    "li",
    { class: "order-line" },
    el("span", { class: "line-count" }, `${what.quantity ?? 1} ×`),
    el("span", { class: "line-name" }, what.name, what.detail ? el("small", {}, what.detail) : null),
    el("span", { class: "line-total" }, what.total_text ?? ""),
  );
}

function over() {
  state.textContent = "";
  state.className = "";
  page.replaceChildren(el("h1", { class: "order-status" }, words.linkOver), el("p", {}, words.linkOverHelp));
}

bindThemeToggle(document.getElementById("theme"));
document.documentElement.lang = browserLanguage();
new Stream(
  `${location.pathname.replace(/\/$/, "")}/stream`,
  {
    data: ({ order }) => order && show(order),
    live: () => {
      state.textContent = words.live;
      state.className = "is-live";
    },
    waiting: () => {
      state.textContent = words.reconnecting;
      state.className = "is-waiting";
    },
    gone: over,
  },
  null,
  { rest: true },
);
