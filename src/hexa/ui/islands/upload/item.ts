// One file that a person wants in the store, and how far it is.
import { Pace } from "./pace";
import type { Choice, Parts } from "./protocol";
import type { Ear } from "./watch";

export type State =
  | "waiting"
  | "checking" // what is in the store already
  | "sending"
  | "lost" // no connection: goes on by itself
  | "silent" // nothing is heard of the line: goes on by itself
  | "down" // the store or the platform does not answer: goes on by itself
  | "signed-out"
  | "asking" // the person, since the name is taken
  | "paused"
  | "done"
  | "same" // it was there already
  | "failed"
  | "skipped"
  | "cancelled";

const OVER: readonly State[] = ["done", "same", "failed", "skipped", "cancelled"];
const GOING: readonly State[] = ["checking", "sending", "lost", "silent", "down", "signed-out"];

export interface Source {
  /** From the folder that was chosen down; with no folder, the name. */
  path: string;
  file: File;
  handle?: FileSystemFileHandle;
  /** The upload it goes on with. */
  upload?: string;
}

export class Item {
  state: State = "waiting";
  problem = "";
  key = "";
  storedSize = 0;
  choice: Choice = {};
  ticket: Parts | undefined;
  /** Of the parts that are known to be in the store. */
  readonly etags = new Map<number, string>();
  readonly pace = new Pace();
  stop = new AbortController();
  private readonly underway = new Map<number, number>();
  private keptBytes = 0;

  constructor(
    readonly source: Source,
    private readonly told: (item: Item) => void,
  ) {}

  get file(): File {
    return this.source.file;
  }

  get name(): string {
    return this.source.path;
  }

  /** Under the name that it got in the end. */
  get shownName(): string {
    const folder = this.name.slice(0, this.name.lastIndexOf("/") + 1);
    return this.isStored && this.key ? folder + this.key.split("/").at(-1) : this.name;
  }

  get size(): number {
    return this.source.file.size;
  }

  get isOver(): boolean {
    return OVER.includes(this.state);
  }

  get isGoing(): boolean {
    return GOING.includes(this.state);
  }

  get isStored(): boolean {
    return this.state === "done" || this.state === "same";
  }

  get sentBytes(): number {
    if (this.isStored) return this.size;
    let sent = this.keptBytes;
    for (const bytes of this.underway.values()) sent += bytes;
    return Math.min(sent, this.size);
  }

  get arrivedBytes(): number {
    return this.keptBytes;
  }

  become(state: State, problem = ""): void {
    this.state = state;
    this.problem = problem;
    this.told(this);
  }

  fail(error: unknown): void {
    this.halt();
    this.become("failed", error instanceof Error ? error.message : String(error));
  }

  pause(): void {
    if (!this.isGoing) return;
    this.become("paused");
    this.halt();
  }

  cancel(): void {
    this.become("cancelled");
    this.halt();
  }

  /** Ready to be sent once more, what is in the store set aside. */
  again(): void {
    this.stop = new AbortController();
    this.become("waiting");
  }

  /** Who is told of a part on its way. */
  ear(part: number): Ear {
    return {
      sent: (bytes) => this.progress(part, bytes),
      silent: () => {
        if (this.state === "sending") this.become("silent");
      },
    };
  }

  /** Bytes of a part on their way; back to nothing when it is lost. */
  private progress(part: number, bytes: number): void {
    this.pace.add(bytes - (this.underway.get(part) ?? 0));
    this.underway.set(part, bytes);
    if (this.state !== "sending") this.become("sending");
    else this.told(this);
  }

  arrived(part: number, etag: string, bytes: number): void {
    this.underway.delete(part);
    this.etags.set(part, etag);
    this.keptBytes += bytes;
    if (this.state === "silent") this.state = "sending";
    this.told(this);
  }

  forget(): void {
    this.etags.clear();
    this.underway.clear();
    this.keptBytes = 0;
    this.ticket = undefined;
  }

  private halt(): void {
    this.stop.abort();
    this.underway.clear();
  }
}
