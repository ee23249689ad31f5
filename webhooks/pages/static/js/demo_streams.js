// The demo page hears many streams at once: every guest's, every kitchen's, the phone's and the till's. A browser opens
// only six connections to one server, so where the server offers one stream for all (`stream` in /demo/config) they
// share it. Without it each has its own, and those that nobody looks at rest.
//
// The shared stream is asked for as `?from=<name>~<last id>`, once for each name: a session, "phone" or "till". Each of
// its events carries `stream`, the name, and `id`, its place there, beside the usual payload.

import { Stream } from "./stream.js";

export class DemoStreams {
  constructor(sharedPath = null) {
    this.sharedPath = sharedPath;
    this.heard = new Map();
  }

  get shared() {
    return this.sharedPath !== null;
  }

  /** Listens to the stream `name`, which on its own stands at `path`. */
  connect(name, path, on, lastId) {
    if (!this.shared) return new Stream(path, on, lastId, { rest: true });
    this.heard.set(name, { on, lastId });
    this.refresh();
    return {
      close: () => {
        this.heard.delete(name);
        this.refresh();
      },
    };
  }

  /** Asks anew with the names heard now; several changes in one go make one request. */
  refresh() {
    if (this.refreshing) return;
    this.refreshing = true;
    queueMicrotask(() => {
      this.refreshing = false;
      if (this.stream) this.stream.restart();
      else this.stream = new Stream(() => this.address(), this.toAll());
    });
  }

  address() {
    const query = new URLSearchParams();
    for (const [name, { lastId }] of this.heard) query.append("from", `${name}~${lastId ?? ""}`);
    return `${this.sharedPath}?${query}`;
  }

  toAll() {
    const each = (what) => () => [...this.heard.values()].forEach(({ on }) => on[what]?.());
    return {
      data: (payload) => {
        const listener = this.heard.get(payload.stream);
        if (!listener) return;
        listener.lastId = payload.id ?? listener.lastId;
        if (payload.gone) listener.on.gone?.();
        else listener.on.data(payload, listener.lastId);
      },
      live: each("live"),
      waiting: each("waiting"),
      gone: each("gone"),
    };
  }
}
