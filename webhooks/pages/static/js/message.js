// How one message looks: a bubble for the guest's pane, a ticket for the kitchen's. Filling is apart from making, so a
// reply that replaces an earlier one is poured into the same element and nothing around it moves.

import { el, icon, safeAddress } from "./dom.js";
import { markedNodes, voiceOf } from "./text.js";

const SHORT = 2; // a "−" or "+" leaves the room in its row to the dish between them
const WIDE_ENOUGH = 1.15; // pictures narrower than this (QR codes, portraits) are shown whole instead of cropped

/** The empty element of a bot message; `fill` pours a reply into it. */
export function makeBot(entry) {
  return el("div", { class: entry.ticket ? "msg msg-bot ticket" : "msg msg-bot", tabindex: "-1" });
}

/**
 * Shows `entry.reply` in `node`.
 * @param does  {tap(entry, button, what, byKeyboard), open(event, address), locate(), reply(entry)}; the last two may be null
 */
export function fill(node, entry, does, words) {
  const { reply } = entry;
  const oldPicture = node.querySelector("figure");
  node.classList.toggle("ticket", Boolean(entry.ticket));
  const bubble = el("div", { class: "bubble" }, picture(reply.image, oldPicture));
  if (reply.text) {
    bubble.append(el("div", { class: "text", lang: voiceOf(reply.text), dir: "auto" }, markedNodes(reply.text, reply.marks)));
  }
  if (reply.document) bubble.append(attachment(reply.document));
  const answer = does.reply && entry.heard ? answerButton(entry, does) : null;
  const head = entry.ticket ? el("div", { class: "ticket-head" }, el("span", { class: "age", "aria-live": "off" }), answer) : null;
  const foot = answer && !head ? el("div", { class: "msg-foot" }, answer) : null;
  node.replaceChildren(...[head, bubble, keyboard(entry, does, words), foot].filter(Boolean));
}

function picture(source, old) {
  const address = source && safeAddress(source);
  if (!address) return null;
  if (old?.firstElementChild?.src === address) return old; // the same dish: keep the loaded picture, no flicker
  // The dish is named in the text below, so the picture has nothing to add for who cannot see it.
  const image = el("img", { src: address, alt: "", loading: "lazy", decoding: "async", width: "640", height: "400" });
  const figure = el("figure", { class: "picture" }, image);
  image.addEventListener("load", () => {
    figure.classList.toggle("whole", image.naturalWidth / image.naturalHeight < WIDE_ENOUGH);
  });
  image.addEventListener("error", () => figure.remove());
  return figure;
}

function attachment({ url, name }) {
  const address = safeAddress(url);
  if (!address) return null;
  return el("a", { class: "attachment", href: address, download: name, target: "_blank", rel: "noopener" }, icon("file"), name);
}

function keyboard(entry, does, words) {
  const rows = (entry.reply.buttons ?? []).map((row) => row.map((what) => key(entry, what, does, words)));
  if (entry.reply.ask === "location" && does.locate) {
    rows.unshift([el("button", { class: "key", type: "button", on: { click: () => does.locate() } }, icon("pin"), words.location)]);
  }
  if (!rows.length) return null;
  return el("div", { class: "keys" }, rows.map((row) => el("div", { class: "keys-row" }, row)));
}

function key(entry, what, does, words) {
  const { label, action, url, style } = what;
  const look = ["key", label.length <= SHORT && "key-short", style === "primary" && "key-primary", style === "danger" && "key-danger"].filter(Boolean).join(" ");
  const lang = voiceOf(label);
  if (url) {
    const address = safeAddress(url);
    if (address) {
      return el(
        "a",
        { class: look, href: address, target: "_blank", rel: "noopener", lang, on: { click: (event) => does.open(event, address) } },
        label,
        icon("out"),
        el("span", { class: "aside" }, ` (${words.opensInNewTab})`),
      );
    }
  }
  if (!action) return el("span", { class: "key key-still", lang }, label);
  const button = el("button", { class: look, type: "button", lang, data: { action } }, label);
  button.addEventListener("click", (event) => does.tap(entry, button, what, event.detail === 0));
  return button;
}

function answerButton(entry, does) {
  const look = entry.ticket ? "quiet" : "small-button";
  return el("button", { class: look, type: "button", on: { click: () => does.reply(entry) } }, "Reply");
}

/** Writes how long a ticket has been waiting, or when it came once nobody waits for an answer any more. */
export function showAge(node, entry, now) {
  const age = node.querySelector(".age");
  if (!age) return;
  const waiting = entry.reply.buttons?.some((row) => row.some((button) => button.action));
  const seconds = Math.max(0, Math.floor((now - entry.at) / 1_000));
  const text = waiting ? `${clock(seconds)} old` : `came ${timeOf(entry.at)}`;
  // Changing the text node's value, rather than the nodes, keeps a ticking clock out of the screen reader's ear.
  if (age.firstChild) age.firstChild.nodeValue = text;
  else age.append(text);
  node.classList.toggle("old", waiting && seconds >= 120);
  node.classList.toggle("older", waiting && seconds >= 300);
}

const clock = (seconds) =>
  seconds < 3_600
    ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
    : `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;

export const timeOf = (moment) => new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** What the guest said, or the label of what was tapped (`entry.small`), with how its sending goes. */
export function makeGuest(entry, retry, words) {
  const text = entry.text ?? words.myLocation;
  const node = el(
    "div",
    { class: entry.small ? "msg msg-guest small" : "msg msg-guest", lang: voiceOf(text) },
    el("div", { class: "bubble", dir: "auto" }, text),
  );
  showSending(node, entry, retry, words);
  return node;
}

export function showSending(node, entry, retry, words) {
  node.querySelector(".fate")?.remove();
  if (entry.state === "failed") {
    node.append(
      el(
        "div",
        { class: "fate failed" },
        `${words.notSent} `,
        el("button", { class: "quiet", type: "button", on: { click: () => retry(entry) } }, words.retry),
      ),
    );
  } else if (entry.state === "sending" && entry.slow) {
    node.append(el("div", { class: "fate" }, entry.slow));
  }
}

export function makeNote(entry, button) {
  return el("div", { class: "msg note" }, el("span", { lang: voiceOf(entry.text) }, entry.text), button);
}
