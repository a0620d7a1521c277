// One file on its way to the object store in parts, straight from the browser.
//
//   POST start    {name, size, type}        → a ticket: {part_size, …}
//   POST part     {…ticket, number}         → {url}, to which the part is PUT
//   POST complete {…ticket, parts: [{number, etag}]}
//   POST cancel   {…ticket}
import { postJson, Refused } from "../requests";
import { Pace } from "./pace";

export interface Addresses {
  start: string;
  part: string;
  complete: string;
  cancel: string;
}

export type State = "waiting" | "sending" | "paused" | "retrying" | "done" | "failed" | "cancelled";

interface Ticket {
  part_size: number;
  [more: string]: unknown;
}

const AT_ONCE = 3;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const REFUSALS_BORNE = 3; // an address that ran out is asked for again

export class Transfer {
  state: State = "waiting";
  problem = "";
  readonly pace = new Pace();
  private ticket: Ticket | undefined;
  private stop = new AbortController();
  private readonly etags = new Map<number, string>();
  private readonly underway = new Map<number, number>();

  constructor(
    readonly file: File,
    private readonly addresses: Addresses,
    private readonly changed: () => void,
  ) {}

  get isOver(): boolean {
    return this.state === "done" || this.state === "failed" || this.state === "cancelled";
  }

  get sentBytes(): number {
    let sent = 0;
    for (const number of this.etags.keys()) sent += this.sizeOf(number);
    for (const bytes of this.underway.values()) sent += bytes;
    return sent;
  }

  /** Sends what is not sent yet; returns when over or paused. */
  async run(): Promise<void> {
    this.stop = new AbortController();
    this.become("sending");
    try {
      const { name, size, type } = this.file;
      // Never cut off: the store may have begun, and only the ticket can end that.
      this.ticket ??= await this.insist(() =>
        postJson<Ticket>(this.addresses.start, { name, size, type }),
      );
      if (this.state === "cancelled") await this.tellCancelled();
      this.stop.signal.throwIfAborted();
      const left = this.numbers().filter((number) => !this.etags.has(number));
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.sendFrom(left)));
      await this.insist(() =>
        postJson(
          this.addresses.complete,
          { ...this.ticket, parts: this.parts() },
          this.stop.signal,
        ),
      );
      this.become("done");
    } catch (error) {
      if (this.stop.signal.aborted) return; // paused or cancelled: the state says which
      this.problem = error instanceof Error ? error.message : String(error);
      this.stop.abort();
      this.become("failed");
    }
  }

  pause(): void {
    if (this.state !== "sending" && this.state !== "retrying") return;
    this.become("paused");
    this.halt();
  }

  async cancel(): Promise<void> {
    this.become("cancelled");
    this.halt();
    await this.tellCancelled();
  }

  private async tellCancelled(): Promise<void> {
    // The store removes what is left of it in any case, only later.
    if (this.ticket) await postJson(this.addresses.cancel, this.ticket).catch(() => undefined);
  }

  private halt(): void {
    this.stop.abort();
    this.underway.clear();
  }

  private numbers(): number[] {
    const count = Math.max(1, Math.ceil(this.file.size / this.partSize));
    return Array.from({ length: count }, (_, index) => index + 1);
  }

  private get partSize(): number {
    return this.ticket?.part_size ?? Math.max(1, this.file.size);
  }

  private sizeOf(number: number): number {
    return Math.min(this.partSize, this.file.size - (number - 1) * this.partSize);
  }

  private parts(): { number: number; etag: string }[] {
    return [...this.etags]
      .map(([number, etag]) => ({ number, etag }))
      .sort((a, b) => a.number - b.number);
  }

  private async sendFrom(left: number[]): Promise<void> {
    for (let number = left.shift(); number !== undefined; number = left.shift()) {
      const part = number;
      this.etags.set(part, await this.insist(() => this.send(part)));
      this.underway.delete(part);
      this.changed();
    }
  }

  private async send(number: number): Promise<string> {
    const { url } = await postJson<{ url: string }>(
      this.addresses.part,
      { ...this.ticket, number },
      this.stop.signal,
    );
    const start = (number - 1) * this.partSize;
    const bytes = this.file.slice(start, start + this.partSize);
    return put(url, bytes, this.stop.signal, (sent) => {
      this.pace.add(sent - (this.underway.get(number) ?? 0));
      this.underway.set(number, sent);
      if (this.state === "retrying") this.become("sending");
      else this.changed();
    });
  }

  /** Tries until it works, it is refused for good, or the person stops it. */
  private async insist<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
    let refusals = 0;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      this.stop.signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof PutRefused) refusals += 1;
        if (this.isFinal(error, refusals)) throw error;
        this.become("retrying");
        await connectionOr(pause, this.stop.signal);
      }
    }
  }

  private isFinal(error: unknown, refusals: number): boolean {
    return this.stop.signal.aborted || error instanceof Refused || refusals >= REFUSALS_BORNE;
  }

  private become(state: State): void {
    this.state = state;
    this.changed();
  }
}

class PutRefused extends Error {}

function put(
  url: string,
  bytes: Blob,
  signal: AbortSignal,
  sent: (bytes: number) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much was sent
    const abort = (): void => request.abort();
    signal.addEventListener("abort", abort, { once: true });
    request.upload.onprogress = (event) => sent(event.loaded);
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.onerror = () => reject(new Error("The connection was lost."));
    request.onabort = () => reject(new DOMException("Stopped.", "AbortError"));
    request.onload = () => {
      const etag = request.getResponseHeader("ETag");
      if (request.status === 200 && etag) resolve(etag);
      else if (request.status >= 500) reject(new Error(`The store answered ${request.status}.`));
      else reject(new PutRefused(`The store answered ${request.status}.`));
    };
    request.open("PUT", url);
    request.send(bytes);
  });
}

/** After the pause, or at once when the network is back. */
function connectionOr(pause: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      removeEventListener("online", go);
      signal.removeEventListener("abort", go);
      resolve();
    };
    const timer = setTimeout(go, pause);
    addEventListener("online", go);
    signal.addEventListener("abort", go);
  });
}
