// A short list of things by id that survives a reload of the tab: text messages, payment links.

const KEEP = 20;

export class Kept {
  constructor(name) {
    this.key = `tiffin.demo.${name}`;
    this.items = new Map();
    this.lastId = null;
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key));
      if (kept) {
        this.items = new Map(kept.items.map((item) => [item.id, item]));
        this.lastId = kept.lastId;
      }
    } catch {
      // Refused or unreadable: the list begins empty.
    }
  }

  /** Adds `item` or lays it over the one with its id; answers whether it is new. */
  put(item, lastId = this.lastId) {
    const isNew = !this.items.has(item.id);
    this.items.set(item.id, { ...this.items.get(item.id), ...item });
    for (const id of [...this.items.keys()].slice(0, -KEEP)) this.items.delete(id);
    this.lastId = lastId;
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ items: [...this.items.values()], lastId }));
    } catch {
      // Full or refused; the page goes on without.
    }
    return isNew;
  }
}
