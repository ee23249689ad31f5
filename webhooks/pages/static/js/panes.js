// The demo's three panes. Side by side on a wide screen; on a narrow one a row of buttons brings one to the front, with
// a count of what waits in the others.

import { showCount } from "./tabs.js";

const narrow = matchMedia("(max-width: 899.98px)");

export class Panes {
  /** @param onChange  () when what is in front has changed */
  constructor(nav, onChange) {
    this.buttons = new Map([...nav.querySelectorAll("[data-pane]")].map((button) => [button.dataset.pane, button]));
    this.onChange = onChange;
    for (const [name, button] of this.buttons) button.addEventListener("click", () => this.show(name));
    narrow.addEventListener("change", () => onChange());
    this.bring("guest");
  }

  show(name) {
    this.bring(name);
    this.onChange();
  }

  bring(name) {
    this.front = name;
    document.body.dataset.front = name;
    for (const [other, button] of this.buttons) button.setAttribute("aria-current", String(other === name));
  }

  isShown(name) {
    return !narrow.matches || this.front === name;
  }

  badge(name, count) {
    showCount(this.buttons.get(name).querySelector(".badge"), count);
  }
}
