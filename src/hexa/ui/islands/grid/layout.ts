// Which columns are shown, how wide they are, and which stay in view.
import type { Column } from "./data";

const LEAST = 48;
const SHORT = 104;
// Room for two dates below the bars of a profile.
const USUAL: Record<string, number> = { text: 148, date: 168 };
const MOST = 320;
const STEP = 16;
const LETTER = 7.5;
let grids = 0;

export class Layout {
  readonly id = `grid-${++grids}`;
  private readonly widths = new Map<string, number>();
  private readonly pinned = new Set<number>();
  private readonly away = new Set<number>();
  private columns: Column[];

  constructor(columns: Column[]) {
    this.columns = columns;
  }

  follow(columns: Column[]): void {
    this.columns = columns;
  }

  /** Indexes of the columns in view, pinned ones first. */
  get shown(): number[] {
    const all = this.columns.map((_, at) => at).filter((at) => !this.away.has(at));
    return [
      ...all.filter((at) => this.pinned.has(at)),
      ...all.filter((at) => !this.pinned.has(at)),
    ];
  }

  get hidden(): number[] {
    return [...this.away];
  }

  isPinned(at: number): boolean {
    return this.pinned.has(at);
  }

  togglePin(at: number): void {
    if (!this.pinned.delete(at)) this.pinned.add(at);
  }

  hide(at: number): void {
    if (this.away.size + 1 < this.columns.length) this.away.add(at);
  }

  showAll(): void {
    this.away.clear();
  }

  /** Gives the columns their widths, through the head: the table's layout is fixed. */
  place(table: HTMLTableElement): void {
    const corner = table.querySelector<HTMLElement>("thead .grid-row-number");
    let whole = corner?.offsetWidth ?? 0;
    for (const head of table.querySelectorAll<HTMLElement>("thead th[data-at]")) {
      const width = this.width(Number(head.dataset.at));
      head.style.width = `${width}px`;
      whole += width;
    }
    table.style.width = `${whole}px`;
    this.pin(table);
  }

  /** Keeps pinned cells at the left edge. */
  pin(table: HTMLTableElement): void {
    if (!this.pinned.size) return;
    const heads = [...table.querySelectorAll<HTMLElement>("thead th")];
    const lefts = heads.map((head) => head.offsetLeft);
    const count = 1 + this.shown.filter((at) => this.pinned.has(at)).length;
    for (const row of table.rows) {
      if (row.cells.length < count) continue;
      for (let place = 1; place < count; place++) {
        const cell = row.cells[place];
        if (!cell) continue;
        cell.classList.add("grid-pinned");
        cell.style.left = `${this.edge(lefts, place)}px`;
      }
    }
  }

  /** Scrolls sideways until the column is in view. */
  reveal(view: HTMLElement, table: HTMLTableElement, place: number): void {
    const head = table.querySelectorAll<HTMLElement>("thead th")[place + 1];
    if (!head || this.pinned.has(this.shown[place] ?? -1)) return;
    const fixed = this.fixed(table);
    if (head.offsetLeft - fixed < view.scrollLeft) view.scrollLeft = head.offsetLeft - fixed;
    const right = head.offsetLeft + head.offsetWidth;
    if (right > view.scrollLeft + view.clientWidth) view.scrollLeft = right - view.clientWidth;
  }

  drag(event: PointerEvent, at: number, table: HTMLTableElement): void {
    event.preventDefault();
    const from = event.clientX;
    const before = this.width(at);
    const grip = event.currentTarget as HTMLElement;
    grip.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => {
      this.widths.set(this.name(at), Math.max(LEAST, before + moved.clientX - from));
      this.place(table);
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener(
      "lostpointercapture",
      () => grip.removeEventListener("pointermove", move),
      {
        once: true,
      },
    );
  }

  /** By keys; its width then. */
  widen(at: number, side: number, table: HTMLTableElement): number {
    const width = Math.max(LEAST, Math.round(this.width(at)) + side * STEP);
    this.widths.set(this.name(at), width);
    this.place(table);
    return width;
  }

  private fixed(table: HTMLTableElement): number {
    const corner = table.querySelector<HTMLElement>("thead .grid-row-number")?.offsetWidth ?? 0;
    const pinned = this.shown.filter((at) => this.pinned.has(at));
    return pinned.reduce((sum, at) => sum + this.width(at), corner);
  }

  private edge(lefts: number[], place: number): number {
    const corner = lefts[1] ?? 0;
    const before = this.shown.slice(0, place - 1);
    return before.reduce((sum, at) => sum + this.width(at), Math.min(corner, 56));
  }

  private width(at: number): number {
    const set = this.widths.get(this.name(at));
    if (set) return set;
    const [name = "", kind = ""] = this.columns[at] ?? [];
    const wanted = Math.max(name.length * LETTER + 28, USUAL[kind] ?? SHORT);
    return Math.min(MOST, wanted);
  }

  private name(at: number): string {
    return this.columns[at]?.[0] ?? String(at);
  }
}
