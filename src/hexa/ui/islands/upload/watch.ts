// When a line on which nothing is heard is taken for silent, and when for dead.
//
// Neither end closes it: a router forgot the connection, a phone went out of reach. The
// browser then waits until TCP gives up, a quarter of an hour or more.
//
// "Sent" means handed to the system, whose buffer holds some megabytes. On 50 kB/s that is
// more than a minute of good work of which nothing is heard. So a request is given the time
// that what may lie there takes, at the pace at which parts were answered lately: once over,
// the person is told; twice, the request is ended and made again. Should the line only have
// been slower than that, the next one waits twice as long, until one is answered.

/** Nothing was heard for so long that the request was ended. */
export class Silent extends Error {}

export interface Ear {
  sent(bytes: number): void;
  silent(): void;
}

// What Linux lets a connection hold at most; others hold less.
const BUFFER = 4 * 1024 * 1024;
// Of one of several connections that share a poor line, until one was measured.
const SLOWEST = 16 * 1024;
// The answer to less tells of the way to and fro, not of the pace.
const MEASURED_FROM = 512 * 1024;
const TOLD_AFTER_MS = 30_000;
const ENDED_AFTER_MS = 120_000;
const MOST_PATIENCE = 8;
const LOOKED_EVERY_MS = 5000;

/** What is known of the line from all requests on it. */
export class Patience {
  private readonly watches = new Set<Watch>();
  private pace: number | undefined;
  private times = 1;

  /** A short question, on a signal that also ends when nothing was heard of it. */
  async ask<Answer>(
    ear: Ear,
    signal: AbortSignal,
    asked: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const own = new AbortController();
    const stop = (): void => own.abort(signal.reason);
    const watch = this.watch(ear, () => own.abort(new Silent()));
    signal.addEventListener("abort", stop, { once: true });
    try {
      const answer = await asked(own.signal);
      watch.answered();
      return answer;
    } finally {
      watch.stop();
      signal.removeEventListener("abort", stop);
    }
  }

  /** Watches one request, until it is stopped. */
  watch(ear: Ear, end: () => void): Watch {
    const made = new Watch(this, ear, end);
    this.watches.add(made);
    return made;
  }

  forget(watch: Watch): void {
    this.watches.delete(watch);
  }

  /** How long nothing may be heard. A request waits behind what the others have handed over. */
  limits(): { told: number; ended: number } {
    const most = Math.max(...[...this.watches].map(({ sent }) => sent));
    const usual = (1000 * Math.min(most, BUFFER)) / (this.pace ?? SLOWEST);
    return {
      told: this.times * Math.max(TOLD_AFTER_MS, usual),
      ended: this.times * Math.max(ENDED_AFTER_MS, 2 * usual),
    };
  }

  /** The line is silent when none of the requests on it hears anything. */
  get quietMs(): number {
    return Math.min(...[...this.watches].map(({ quietMs }) => quietMs));
  }

  answered(bytes: number, tookMs: number): void {
    this.times = 1;
    if (bytes < MEASURED_FROM) return;
    const pace = (1000 * bytes) / Math.max(1, tookMs);
    this.pace = this.pace ? (this.pace + pace) / 2 : pace;
  }

  get patience(): number {
    return this.times;
  }

  /** Those that began with the same patience count once. */
  waited(times: number): void {
    this.times = Math.min(MOST_PATIENCE, Math.max(this.times, 2 * times));
  }
}

export class Watch {
  sent = 0;
  isSilent = false;
  private readonly begun = performance.now();
  private readonly times: number;
  private readonly timer: number;
  private heardAt = this.begun;

  constructor(
    private readonly patience: Patience,
    private readonly ear: Ear,
    private readonly end: () => void,
  ) {
    this.times = patience.patience;
    this.timer = window.setInterval(() => this.look(), LOOKED_EVERY_MS);
  }

  get quietMs(): number {
    return performance.now() - this.heardAt;
  }

  heard(bytes: number): void {
    this.sent = bytes;
    this.heardAt = performance.now();
    this.ear.sent(bytes);
  }

  answered(): void {
    this.patience.answered(this.sent, performance.now() - this.begun);
  }

  stop(): void {
    clearInterval(this.timer);
    this.patience.forget(this);
  }

  private look(): void {
    const { told, ended } = this.patience.limits();
    if (this.patience.quietMs >= told) this.ear.silent();
    if (this.quietMs < ended) return;
    this.isSilent = true;
    this.patience.waited(this.times);
    this.end();
  }
}
