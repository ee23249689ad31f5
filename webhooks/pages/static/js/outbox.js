// Events on their way to the server, one at a time and in the order they were made. Each keeps its id through every
// try, and the server repeats its stored answer for an id it has seen, so trying again can never order twice.

import { Refused, TooFast, Unreachable } from "./transport.js";

const TRIES_MS = [1_000, 2_000, 4_000];
const LONGEST_POLITE_WAIT_S = 60;

const sleep = (ms) => new Promise((resume) => setTimeout(resume, ms));

export class Outbox {
  /**
   * @param send    (event) => promise of the answer
   * @param report  {answered(item, answer), delayed(item, seconds), failed(item), refused(item, error), busy(bool)}
   */
  constructor(send, report) {
    this.send = send;
    this.report = report;
    this.queue = [];
    this.working = false;
    window.addEventListener("online", () => this.nudge?.());
  }

  /** Queues `item`, anything with an `event`. */
  push(item) {
    this.queue.push(item);
    this.work();
  }

  async work() {
    if (this.working) return;
    this.working = true;
    this.report.busy(true);
    while (this.queue.length) await this.deliver(this.queue.shift());
    this.working = false;
    this.report.busy(false);
  }

  async deliver(item) {
    for (let attempt = 0; ; ) {
      try {
        const answer = await this.send(item.event);
        this.report.answered(item, answer);
        return;
      } catch (failure) {
        if (failure instanceof TooFast && failure.seconds <= LONGEST_POLITE_WAIT_S) {
          this.report.delayed(item, failure.seconds);
          await sleep(failure.seconds * 1_000);
        } else if (failure instanceof Unreachable && attempt < TRIES_MS.length) {
          await this.pause(TRIES_MS[attempt++]);
        } else if (failure instanceof Unreachable) {
          this.report.failed(item);
          return;
        } else if (failure instanceof Refused || failure instanceof TooFast) {
          this.report.refused(item, failure);
          return;
        } else {
          console.error(failure); // a mistake of this page: the guest still gets the retry, the console the cause
          this.report.failed(item);
          return;
        }
      }
    }
  }

  /** Waits `ms`, or less when the network comes back. */
  pause(ms) {
    return new Promise((resume) => {
      this.nudge = resume;
      setTimeout(resume, ms);
    });
  }
}
