// What survives a reload: the session, what was said, and where the stream stood. It lives in sessionStorage, so it
// goes with the tab: a chat on a shared computer is not left behind for the next person.

const KEEP = 80; // messages; enough to scroll back through an order, far below the storage limit

export class History {
  constructor(key) {
    this.key = `tiffin.chat.${key}`;
    this.session = null;
    this.lastEventId = null;
    this.entries = [];
    this.load();
    // Saving is put off a little because a burst of cards would otherwise write the whole chat for each of them.
    window.addEventListener("pagehide", () => this.saveNow());
  }

  load() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key));
      if (!kept) return;
      this.session = kept.session;
      this.lastEventId = kept.lastEventId;
      this.entries = kept.entries;
    } catch {
      // Refused or unreadable: the chat begins afresh and is simply not kept.
    }
  }

  /** Adds an entry, at the end or before another; answers the entries that fell off the far end. */
  add(entry, before = null) {
    const at = before ? this.entries.indexOf(before) : -1;
    this.entries.splice(at < 0 ? this.entries.length : at, 0, entry);
    this.save();
    return this.entries.length > KEEP ? this.entries.splice(0, this.entries.length - KEEP) : [];
  }

  remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.save();
  }

  /** Forgets the chat and its session. */
  clear() {
    this.session = null;
    this.lastEventId = null;
    this.entries = [];
    this.saveNow();
  }

  save() {
    this.timer ??= setTimeout(() => this.saveNow(), 150);
  }

  saveNow() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { session, lastEventId, entries } = this;
    try {
      if (session === null) sessionStorage.removeItem(this.key);
      else sessionStorage.setItem(this.key, JSON.stringify({ session, lastEventId, entries }));
    } catch {
      // Full or refused; the chat goes on in memory.
    }
  }
}
