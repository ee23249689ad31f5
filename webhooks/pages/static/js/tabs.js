// A row of tabs, each with a panel and a count of what is unread behind it. Arrow keys move along the row, as the
// WAI-ARIA pattern for tabs has it.

import { el } from "./dom.js";

export class Tabs {
  /** @param onSelect  (key) when another tab comes to the front */
  constructor(list, { label, onSelect = () => {} }) {
    this.list = list;
    this.onSelect = onSelect;
    this.tabs = new Map();
    this.selected = null;
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", label);
    list.addEventListener("keydown", (event) => this.move(event));
  }

  /** Adds a tab for `panel`; the first one is selected. */
  add(key, name, panel) {
    panel.id ||= `panel-${key}`;
    const badge = el("span", { class: "badge", hidden: true });
    const tab = el(
      "button",
      { class: "tab", type: "button", role: "tab", id: `tab-${key}`, "aria-controls": panel.id, on: { click: () => this.select(key) } },
      name,
      badge,
    );
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.hidden = true;
    this.list.append(tab);
    this.tabs.set(key, { tab, badge, panel });
    this.mark(key, false);
    if (this.selected === null) this.select(key);
  }

  select(key) {
    if (!this.tabs.has(key) || key === this.selected) return;
    if (this.selected !== null) this.mark(this.selected, false);
    this.selected = key;
    this.mark(key, true);
    this.tabs.get(key).tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.onSelect(key);
  }

  mark(key, selected) {
    const { tab, panel } = this.tabs.get(key);
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    panel.hidden = !selected;
  }

  badge(key, count) {
    showCount(this.tabs.get(key).badge, count);
  }

  move(event) {
    const keys = [...this.tabs.keys()];
    const at = keys.indexOf(this.selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: keys.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.select(keys[(to + keys.length) % keys.length]);
    this.tabs.get(this.selected).tab.focus();
  }
}

/** Writes a count of unread things; nought hides it. */
export function showCount(badge, count) {
  badge.hidden = !count;
  badge.replaceChildren(String(count), el("span", { class: "aside" }, " new"));
}
