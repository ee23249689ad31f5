// Server-sent events, read through fetch rather than EventSource for two reasons: a page that was reloaded can say
// which event it saw last (EventSource forgets), and a session that is no more is told apart from a network that is.

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const STALE_AFTER_MS = 30_000; // a phone that slept this long may hold a dead socket without knowing

export class Stream {
  /**
   * @param address  a path, or a function giving it anew for each connection
   * @param on       {data(payload, id), live(), waiting(), gone()}; all but `data` may be left out
   * @param lastId   the last event already seen, if any
   * @param rest     let go of the connection while nobody looks at the page; what was missed comes on return.
   *                 A browser opens six connections to a server over all its tabs, so a page that can wait should.
   */
  constructor(address, on, lastId = null, { rest = false } = {}) {
    this.address = address;
    this.on = on;
    this.lastId = lastId;
    this.rest = rest;
    this.wait = FIRST_WAIT_MS;
    this.closed = false;
    this.hiddenSince = 0;
    this.wake = this.wake.bind(this);
    document.addEventListener("visibilitychange", this.wake);
    window.addEventListener("online", this.wake);
    this.run();
  }

  close() {
    this.closed = true;
    this.connection?.abort();
    this.skipWait?.();
    this.endRest?.();
    document.removeEventListener("visibilitychange", this.wake);
    window.removeEventListener("online", this.wake);
  }

  /** Drops the connection and opens it again at once, from the last event seen. */
  restart() {
    this.wait = FIRST_WAIT_MS;
    this.restarting = true;
    this.connection?.abort();
    this.skipWait?.();
  }

  wake(event) {
    if (document.hidden) {
      this.hiddenSince = Date.now();
      if (this.rest) this.restart();
    } else if (this.endRest) {
      this.endRest();
    } else if (event.type === "online" || this.skipWait) {
      this.restart();
    } else if (this.hiddenSince && Date.now() - this.hiddenSince > STALE_AFTER_MS) {
      this.restart();
    }
  }

  async run() {
    while (!this.closed) {
      this.restarting = false;
      if (this.rest && document.hidden) {
        await new Promise((resume) => (this.endRest = resume));
        this.endRest = null;
        continue;
      }
      const end = await this.connect();
      if (end === "gone") {
        this.close();
        this.on.gone?.();
        return;
      }
      if (this.closed) return;
      if (this.restarting) continue;
      this.on.waiting?.();
      const jitter = this.wait * (0.75 + Math.random() / 2); // after a restart of the server, not all pages at once
      await new Promise((resume) => {
        this.skipWait = resume;
        setTimeout(resume, jitter);
      });
      this.skipWait = null;
      if (!this.restarting) this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    }
  }

  async connect() {
    this.connection = new AbortController();
    const headers = { Accept: "text/event-stream" };
    if (this.lastId !== null) headers["Last-Event-ID"] = this.lastId;
    try {
      const path = typeof this.address === "function" ? this.address() : this.address;
      const response = await fetch(path, { headers, cache: "no-store", signal: this.connection.signal });
      if ([401, 403, 404, 410].includes(response.status)) return "gone";
      if (!response.ok || !response.body) return "lost";
      this.wait = FIRST_WAIT_MS;
      this.on.live?.();
      await this.read(response.body.getReader());
    } catch {
      // A dropped connection and an abort look alike; the caller knows which it asked for.
    }
    return "lost";
  }

  async read(reader) {
    const decoder = new TextDecoder();
    let rest = "";
    this.data = undefined;
    this.nextId = this.lastId;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const held = rest.endsWith("\r") ? 1 : 0; // its "\n" may be in the next chunk, and is no line of its own
      const lines = rest.slice(0, rest.length - held).split(/\r\n|\n|\r/);
      rest = lines.pop() + rest.slice(rest.length - held);
      for (const line of lines) this.take(line);
    }
  }

  take(line) {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return; // a heartbeat
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data = this.data === undefined ? value : `${this.data}\n${value}`;
    else if (field === "id") this.nextId = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.wait = Number(value);
  }

  dispatch() {
    const data = this.data;
    this.data = undefined;
    this.lastId = this.nextId; // only now: an event cut off in its middle must come again
    if (data === undefined) return;
    let payload;
    try {
      payload = JSON.parse(data);
    } catch {
      console.warn("An event that is not JSON was left out.");
      return;
    }
    this.on.data(payload, this.lastId);
  }
}
