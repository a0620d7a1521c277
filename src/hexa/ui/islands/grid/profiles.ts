// What the columns hold, asked for one after the other while they are shown.
import { messageOf } from "../requests";
import type { Condition } from "./data";

export interface Profile {
  count: number;
  missing: number;
  distinct: number | null;
  is_exact: boolean;
  least: string | null;
  most: string | null;
  mean: string | null;
  bars: [from: string, to: string, rows: number][];
  common: [value: string, rows: number][];
}

/** A profile, or why there is none. */
export type Answer = Profile | string;

const PARAMETER = "profile";
const BUSY = 503;
const RETRIES = 3;
const PAUSE_MS = 1000;

export class Profiles {
  isShown: boolean;
  private readonly known = new Map<string, Answer>();
  private names: string[] = [];
  private conditions = "";
  private asked: AbortController | undefined;

  constructor(
    private readonly source: string,
    private readonly changed: () => void,
  ) {
    this.isShown = new URL(location.href).searchParams.has(PARAMETER);
  }

  toggle(): void {
    this.isShown = !this.isShown;
    const url = new URL(location.href);
    if (this.isShown) url.searchParams.set(PARAMETER, "1");
    else url.searchParams.delete(PARAMETER);
    history.replaceState(history.state, "", url);
    if (!this.isShown) this.stop();
    this.changed();
  }

  /** Also what would have been asked next. */
  stop(): void {
    this.names = [];
    this.asked?.abort();
  }

  of(name: string): Answer | undefined {
    return this.known.get(this.key(name));
  }

  /** Of the rows under these conditions; the first names first. */
  want(names: string[], where: Condition[]): void {
    if (!this.isShown) return;
    const conditions = where.length ? JSON.stringify(where) : "";
    if (conditions !== this.conditions) this.stop();
    this.names = names;
    this.conditions = conditions;
    if (!this.asked) void this.work();
  }

  private async work(): Promise<void> {
    for (;;) {
      const name = this.names.find((one) => !this.known.has(this.key(one)));
      if (name === undefined) return;
      await this.load(name);
      this.changed();
    }
  }

  private async load(name: string): Promise<void> {
    const asked = new AbortController();
    const key = this.key(name);
    this.asked = asked;
    try {
      const response = await this.ask(name, asked.signal);
      this.known.set(
        key,
        response.ok ? ((await response.json()) as Profile) : await messageOf(response),
      );
    } catch {
      if (!asked.signal.aborted) this.known.set(key, document.body.dataset.failed ?? "");
    }
    this.asked = undefined;
  }

  /** More than once where others are being served: nobody waits for just this. */
  private async ask(name: string, signal: AbortSignal): Promise<Response> {
    for (let left = RETRIES; ; left--) {
      const headers = { Accept: "application/json" };
      const response = await fetch(this.url(name), { headers, signal });
      if (response.status !== BUSY || !left) return response;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  private key(name: string): string {
    return JSON.stringify([name, this.conditions]);
  }

  private url(name: string): URL {
    const url = new URL(this.source, location.href);
    url.searchParams.set("column", name);
    if (this.conditions) url.searchParams.set("where", this.conditions);
    return url;
  }
}
