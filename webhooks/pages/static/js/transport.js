// Requests to the chat API. What can go wrong has three names, because the page does three different things about them.

/** The server could not be reached, or broke: the same event may be sent again under the same id. */
export class Unreachable extends Error {}

/** Too fast; `seconds` is how long to wait before the same event is welcome. */
export class TooFast extends Error {
  constructor(message, seconds) {
    super(message);
    this.seconds = seconds;
  }
}

/** The server understood and said no, in a sentence for people. `gone`: the session itself is no more. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.gone = status === 404 || status === 410;
  }
}

const PATIENCE_MS = 25_000; // longer than any turn may take: a slow kitchen is not a dead one

async function ask(path, init) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
  let response;
  let answer;
  try {
    response = await fetch(path, { ...init, signal: giveUp.signal });
    answer = await response.json().catch(() => ({}));
  } catch (failure) {
    throw new Unreachable(failure.message);
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return answer;
  const sentence = typeof answer.error === "string" ? answer.error : `${response.status} ${response.statusText}`.trim();
  if (response.status === 429) throw new TooFast(sentence, Math.max(1, Math.ceil(answer.retry_after ?? 5)));
  if (response.status >= 500) throw new Unreachable(sentence);
  throw new Refused(sentence, response.status);
}

export const get = (path) => ask(path, { headers: { Accept: "application/json" } });

export const post = (path, body, headers = {}) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });

/** Opens a chat session. */
export async function openSession(language) {
  return (await post("/chat", { language })).session;
}

/** Sends an event. The language is a hint, of use until the guest chooses one; it need not be the browser's own. */
export const sendEvent = (session, event, language) =>
  post(`/chat/${encodeURIComponent(session)}/events`, event, { "Accept-Language": language });

export const streamPath = (session) => `/chat/${encodeURIComponent(session)}/stream`;

/**
 * An id the server has not seen before. `randomUUID` exists only on https and localhost; on a plain address in the
 * house's own network the same 128 random bits are written out by hand.
 */
export function freshId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
