// The row of heads: names, kinds, order and profiles of the columns, and the keys on them.
import type { Rows } from "./data";
import { drawn } from "./drawing";
import { KIND_ICONS } from "./heads";
import type { Layout } from "./layout";
import { button, icon, make, type Words } from "./parts";
import type { Profiles } from "./profiles";

export interface Hooks {
  open(from: Element, at: number): void;
  /** The reader is at this column now. */
  reach(place: number): void;
  /** Down to the cells of this column. */
  leave(place: number): void;
  /** Only the rows with this value. */
  pick(name: string, value: string): void;
  say(text: string): void;
}

export class HeadRow {
  readonly element = make("thead");

  constructor(
    private readonly sprite: string,
    private readonly words: Words,
    private readonly rows: Rows,
    private readonly layout: Layout,
    private readonly profiles: Profiles,
    private readonly table: HTMLTableElement,
    private readonly hooks: Hooks,
  ) {}

  draw(): void {
    const focused = this.focused;
    const row = make("tr");
    row.append(this.corner(), ...this.layout.shown.map((at) => this.cell(at)));
    this.element.replaceChildren(row);
    this.drawProfiles();
    this.layout.place(this.table);
    if (focused >= 0) this.press(focused)?.focus();
  }

  /** Nothing else: a head that has the focus, or is being dragged, stays what it is. */
  drawProfiles(): void {
    for (const cell of this.element.querySelectorAll<HTMLElement>("[data-at]")) {
      cell.querySelector(".grid-profile")?.remove();
      if (!this.profiles.isShown) continue;
      const [name, kind] = this.rows.columns[Number(cell.dataset.at)] ?? ["", "text"];
      const pick = (value: string) => this.hooks.pick(name, value);
      cell.append(drawn(this.profiles.of(name), kind, this.words, pick));
    }
  }

  focus(place: number): void {
    const at = this.layout.shown[place];
    if (at === undefined) return;
    this.hooks.reach(place);
    this.press(at)?.focus();
  }

  private corner(): HTMLElement {
    const made = make("th", "grid-row-number");
    made.scope = "col";
    made.append(make("span", "hidden-text", this.word("row")));
    return made;
  }

  private cell(at: number): HTMLElement {
    const [name, kind, type] = this.rows.columns[at] ?? ["", "text", ""];
    const cell = make("th", kind === "number" ? "num" : "");
    cell.scope = "col";
    cell.dataset.at = String(at);
    const press = button(name, () => this.hooks.open(press, at), "grid-head");
    press.title = name;
    press.setAttribute("aria-keyshortcuts", "Shift+ArrowLeft Shift+ArrowRight");
    press.addEventListener("keydown", (event) => this.pressed(event, at));
    if (this.rows.order.slice(this.rows.order.indexOf(":") + 1) === name) {
      const isRising = this.rows.order.startsWith("asc:");
      cell.setAttribute("aria-sort", isRising ? "ascending" : "descending");
      press.append(icon(this.sprite, isRising ? "arrow-up" : "arrow-down"));
    }
    const about = make("small", "", type || this.word(kind));
    about.prepend(icon(this.sprite, KIND_ICONS[kind] ?? "braces"));
    const grip = make("span", "grid-grip");
    grip.addEventListener("pointerdown", (event) => this.layout.drag(event, at, this.table));
    cell.append(press, about, grip);
    return cell;
  }

  /** Along the heads, down to the cells; with Shift a column's width changes. */
  private pressed(event: KeyboardEvent, at: number): void {
    const place = this.layout.shown.indexOf(at);
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (side && event.shiftKey) this.widen(at, side);
    else if (side) this.focus(place + side);
    else if (event.key === "ArrowDown") this.hooks.leave(place);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private widen(at: number, side: number): void {
    const pixels = this.layout.widen(at, side, this.table);
    const words = this.word("widthIs").replace("{name}", () => this.rows.columns[at]?.[0] ?? "");
    this.hooks.say(words.replace("{pixels}", String(pixels)));
  }

  private press(at: number): HTMLElement | null {
    return this.element.querySelector<HTMLElement>(`[data-at="${at}"] .grid-head`);
  }

  /** Its column; -1 where none has the focus. */
  private get focused(): number {
    const cell = document.activeElement?.closest<HTMLElement>("[data-at]");
    return cell && this.element.contains(cell) ? Number(cell.dataset.at) : -1;
  }

  private word(name: string): string {
    return this.words[name] ?? name;
  }
}
