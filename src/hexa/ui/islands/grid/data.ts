// The rows of a grid: a window of at most 1 000, fetched in pieces as they are needed.
import { messageOf } from "../requests";

export type Cell = string | null;
export type Column = [name: string, kind: string, type: string];
export type Condition = [column: string, operator: string, value: string];

export interface Page {
  columns: Column[];
  rows: Cell[][];
  total: number | null;
  matching: number | null;
  columnCount: number;
  next: number | null;
  canBeOrdered: boolean;
}

export interface Given extends Page {
  order: string;
  where: Condition[];
}

const WINDOW = 1000;
const PIECE = 100;
// Rows of one page lie far apart in an ordered file; each costs the store more.
const PIECE_ORDERED = 50;

export class Rows {
  columns: Column[];
  rows: Cell[][];
  total: number | null;
  matching: number | null;
  readonly columnCount: number;
  readonly canBeOrdered: boolean;
  order: string;
  where: Condition[];
  /** How many rows stand before this window. */
  before = 0;
  isLoading = false;
  problem = "";
  private next: number | null;
  private readonly starts: [at: number, before: number][] = [[0, 0]];
  private asked: AbortController | undefined;

  constructor(
    private readonly source: string,
    given: Given,
    private readonly changed: () => void,
  ) {
    this.columns = given.columns;
    this.rows = given.rows;
    this.total = given.total;
    this.matching = given.matching;
    this.columnCount = given.columnCount;
    this.canBeOrdered = given.canBeOrdered;
    this.next = given.next;
    this.order = given.order;
    this.where = given.where;
  }

  get canContinue(): boolean {
    return this.next !== null && this.rows.length < WINDOW;
  }

  get hasNextWindow(): boolean {
    return this.next !== null && this.rows.length >= WINDOW;
  }

  get hasPreviousWindow(): boolean {
    return this.starts.length > 1;
  }

  /** The next piece of this window, unless it is on its way. */
  more(): void {
    if (this.canContinue && !this.isLoading && !this.problem && this.next !== null)
      void this.load(this.next);
  }

  again(): void {
    this.problem = "";
    void this.load(this.next ?? 0);
  }

  nextWindow(): void {
    if (this.next === null) return;
    this.starts.push([this.next, this.before + this.rows.length]);
    this.open();
  }

  previousWindow(): void {
    if (this.hasPreviousWindow) this.starts.pop();
    this.open();
  }

  restart(order: string, where: Condition[]): void {
    this.order = order;
    this.where = where;
    this.starts.splice(0, this.starts.length, [0, 0]);
    this.open();
  }

  stop(): void {
    this.asked?.abort();
  }

  private open(): void {
    const [at, before] = this.starts.at(-1) ?? [0, 0];
    this.before = before;
    this.rows = [];
    this.problem = "";
    this.next = at;
    void this.load(at);
  }

  private async load(at: number): Promise<void> {
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    this.isLoading = true;
    this.changed();
    try {
      const response = await fetch(this.url(at), {
        headers: { Accept: "application/json" },
        signal: asked.signal,
      });
      if (response.ok) this.take((await response.json()) as Page);
      else this.problem = await messageOf(response);
    } catch {
      if (asked.signal.aborted) return;
      this.problem = document.body.dataset.failed ?? "";
    }
    this.isLoading = false;
    this.changed();
  }

  private take(page: Page): void {
    this.columns = page.columns;
    this.rows = [...this.rows, ...page.rows];
    this.next = page.next;
    this.total = page.total ?? this.total;
    this.matching = page.matching;
  }

  private url(at: number): URL {
    const url = new URL(this.source, location.href);
    url.searchParams.set("at", String(at));
    url.searchParams.set("count", String(this.order ? PIECE_ORDERED : PIECE));
    if (this.order) url.searchParams.set("order", this.order);
    if (this.where.length) url.searchParams.set("where", JSON.stringify(this.where));
    return url;
  }
}
