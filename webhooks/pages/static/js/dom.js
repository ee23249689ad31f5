// The one way elements are made here. Text only ever becomes a text node, so nothing a guest, a cook or a menu
// says can turn into markup.

/**
 * Makes an element. `props` are attributes, except `class`, `on` ({event: listener}) and `data` (dataset);
 * an attribute that is null, undefined or false is left out. Children are nodes or strings; empty ones are skipped.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  send: ["M4 12 20 4l-5 16-3.5-6.5z", "M11.5 13.5 20 4"],
  pin: ["M12 21s7-6.3 7-11.5a7 7 0 0 0-14 0C5 14.7 12 21 12 21z", "M12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  out: ["M14 4h6v6", "M20 4 11 13", "M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5"],
  file: ["M7 3h7l4 4v14H7z", "M14 3v4h4", "M10 12h5M10 16h5"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  close: ["M6 6l12 12M18 6 6 18"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
};

/** A small line drawing beside words that say the same: hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** The address when it is one a button may open, else null: `javascript:` and its kin never reach an href. */
export function safeAddress(url) {
  try {
    const parsed = new URL(url, location.href);
    return ["http:", "https:", "tel:", "mailto:", "upi:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}
