// The guest's phone: text messages that would have been sent, newest first, with their code one press away.

import { el } from "./dom.js";
import { Kept } from "./kept.js";
import { timeOf } from "./message.js";
import { voiceOf } from "./text.js";

const CODE = /(?<!\d)\d{6}(?!\d)/;
const ABOUT_A_CODE = /code|otp|कोड|ओटीपी/i;

export class Phone {
  /** @param on  {use(code), arrived()} */
  constructor(section, streams, on) {
    this.list = section.querySelector(".sms-list");
    this.empty = section.querySelector(".empty");
    this.on = on;
    this.kept = new Kept("phone");
    for (const sms of this.kept.items.values()) this.show(sms);
    streams.connect("phone", "/demo/phone/stream", { data: ({ sms }, id) => sms && this.take(sms, id) }, this.kept.lastId);
  }

  take(sms, id) {
    if (!this.kept.put(sms, id)) return;
    this.show(sms);
    this.on.arrived();
  }

  show(sms) {
    this.empty.hidden = true;
    const code = ABOUT_A_CODE.test(sms.text) ? sms.text.match(CODE)?.[0] : null;
    this.list.prepend(
      el(
        "li",
        { class: "sms" },
        el("div", { class: "sms-head" }, el("span", {}, `To ${sms.to}`), el("time", {}, timeOf(sms.at))),
        el("p", { class: "sms-text", lang: voiceOf(sms.text) }, sms.text),
        code && this.codeRow(code),
      ),
    );
  }

  codeRow(code) {
    const copied = el("span", { class: "copied", role: "status" });
    const copy = async () => {
      copied.textContent = (await copyText(code)) ? "Copied" : "Select and copy it by hand";
      setTimeout(() => copied.replaceChildren(), 3_000);
    };
    return el(
      "div",
      { class: "code-row" },
      el("code", { class: "code" }, code),
      el("button", { class: "small-button", type: "button", on: { click: copy } }, "Copy code"),
      el("button", { class: "small-button strong", type: "button", on: { click: () => this.on.use(code) } }, "Use in chat"),
      copied,
    );
  }
}

/** The clipboard proper needs https or localhost; elsewhere the old way still works. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const line = el("textarea", { class: "aside" });
    line.value = text;
    document.body.append(line);
    line.select();
    const done = document.execCommand("copy");
    line.remove();
    return done;
  }
}
