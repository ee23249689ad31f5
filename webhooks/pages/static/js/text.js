// What the bot says, as nodes: marked stretches become spans, and the language is told to the browser so that
// Devanagari is shaped, wrapped and read aloud as Hindi.

const KINDS = new Set(["bold", "italic", "strike", "mono"]);
const TAGS = { bold: "strong", italic: "em", strike: "s", mono: "code" };

/**
 * `text` as a list of nodes. A mark is [start, end, kind]; offsets count code points, as the server's strings do,
 * not UTF-16 units, so a mark behind an emoji still sits on its word. Marks may overlap; bad ones are ignored.
 */
export function markedNodes(text, marks = []) {
  const points = Array.from(text);
  const valid = marks.filter(([start, end, kind]) => KINDS.has(kind) && start < end && end > 0 && start < points.length);
  const cuts = new Set([0, points.length]);
  for (const [start, end] of valid) {
    cuts.add(Math.max(0, start));
    cuts.add(Math.min(points.length, end));
  }
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, i) => {
    let node = document.createTextNode(points.slice(from, edges[i + 1]).join(""));
    for (const kind of new Set(valid.filter(([s, e]) => s <= from && e > from).map((mark) => mark[2]))) {
      const span = document.createElement(TAGS[kind]);
      span.className = `mark-${kind}`;
      span.append(node);
      node = span;
    }
    return node;
  });
}

/**
 * "hi", "en", or null where a text is too short or too mixed to tell. Dish names stay in Latin letters inside Hindi
 * sentences, so a third of Devanagari is enough.
 */
export function languageOf(text) {
  const letters = text.match(/\p{L}/gu) ?? [];
  if (letters.length < 12) return null;
  const share = letters.filter((letter) => /\p{Script=Devanagari}/u.test(letter)).length / letters.length;
  if (share > 0.33) return "hi";
  return share < 0.05 ? "en" : null;
}

/** The language a stretch of text is to be read aloud in: any Devanagari at all wants a Hindi voice. */
export function voiceOf(text) {
  if (/\p{Script=Devanagari}/u.test(text)) return "hi";
  return /\p{L}/u.test(text) ? "en" : null;
}
