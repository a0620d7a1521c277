// <hexa-grid source="…" profiles="…" icons="…"><script type="application/json">{Given, words}</script>
// a table, which is what stands here without us </hexa-grid>
//
// Rows are virtual: only those in view are in the document. Speaks to `source` with
// at, count, order and where, as `data.ts` says, and to `profiles` with column and where.
import { Copies } from "./copies";
import { type Cell, type Condition, type Given, Rows } from "./data";
import { HeadRow } from "./headrow";
import { HeadMenu } from "./heads";
import { Layout } from "./layout";
import { ending, line, space, statusOf } from "./lines";
import { button, icon, make, openAt, type Words } from "./parts";
import { Place } from "./place";
import { Profiles } from "./profiles";

const SPARE = 12;
const USUAL_HEIGHT = 28;

class Grid extends HTMLElement {
  private rows!: Rows;
  private layout!: Layout;
  private words!: Words;
  private menu!: HeadMenu;
  private readonly at = new Place();
  private rowHeight = 0;
  private readonly status = make("span", "grid-status");
  private readonly chips = make("span", "grid-chips");
  private readonly windows = make("span", "row");
  private readonly view = make("div", "grid-view");
  private readonly table = make("table");
  private head!: HeadRow;
  private profiles!: Profiles;
  private readonly body = make("tbody");
  private readonly full = make("div", "menu-list grid-full");
  private toggle!: HTMLButtonElement;
  private copies!: Copies;

  connectedCallback(): void {
    const given = this.querySelector(":scope > script");
    if (!given || this.contains(this.view)) return;
    const { words, ...page } = JSON.parse(given.textContent ?? "") as Given & { words: Words };
    this.words = words;
    this.rows = new Rows(this.getAttribute("source") ?? "", page, () => this.draw());
    this.layout = new Layout(this.rows.columns);
    this.menu = new HeadMenu(this.sprite, words);
    this.profiles = new Profiles(this.getAttribute("profiles") ?? "", () => this.drawProfiles());
    const { rows, layout, profiles, table } = this;
    this.head = new HeadRow(this.sprite, words, rows, layout, profiles, table, {
      open: (from, at) => this.openMenu(from, at),
      reach: (place) => this.move(this.at.row, place),
      leave: (place) => {
        this.table.focus();
        this.move(this.at.row, place);
      },
      pick: (name, value) => this.filter(name, [name, "=", value]),
      say: (text) => this.copies.say(text),
    });
    this.build();
    this.draw();
  }

  disconnectedCallback(): void {
    this.rows?.stop();
    this.profiles?.stop();
  }

  private get sprite(): string {
    return this.getAttribute("icons") ?? "";
  }

  private word(name: string): string {
    return this.words[name] ?? name;
  }

  private build(): void {
    this.table.setAttribute("role", "grid");
    this.table.setAttribute("aria-label", this.getAttribute("label") ?? "");
    this.table.setAttribute("aria-multiselectable", "true");
    this.table.tabIndex = 0;
    this.table.append(this.head.element, this.body);
    this.view.append(this.table);
    this.status.setAttribute("role", "status");
    this.full.popover = "auto";
    this.toggle = button(this.word("profile"), () => this.profiles.toggle());
    this.copies = new Copies(this.sprite, this.words);
    const copy = button(this.word("copy"), () =>
      this.copies.offer(copy, this.rows, this.layout.shown, this.at),
    );
    const bar = make("div", "grid-bar");
    const tools = make("span", "row");
    if (this.rows.canBeOrdered) tools.append(this.toggle);
    tools.append(copy);
    bar.append(this.status, this.windows, this.chips, this.copies.note, tools);
    this.replaceChildren(bar, this.view, this.menu.element, this.full, this.copies.element);
    this.view.addEventListener("scroll", () => this.drawBody(), { passive: true });
    this.table.addEventListener("keydown", this.pressed);
    this.body.addEventListener("mousedown", this.picked);
    this.body.addEventListener("dblclick", () => this.expand());
  }

  // --- Drawing

  private draw(): void {
    this.layout.follow(this.rows.columns);
    this.table.setAttribute("aria-rowcount", String((this.rows.matching ?? -2) + 1));
    this.table.setAttribute("aria-colcount", String(this.rows.columnCount));
    this.drawStatus();
    this.drawProfiles();
    this.head.draw();
    this.drawBody();
  }

  private drawProfiles(): void {
    this.toggle.setAttribute("aria-pressed", String(this.profiles.isShown));
    const names = this.layout.shown.map((at) => this.rows.columns[at]?.[0] ?? "");
    this.profiles.want(names, this.rows.where);
    this.head.drawProfiles();
  }

  private drawStatus(): void {
    this.status.textContent = statusOf(this.rows, this.words);
    const go = (word: string, move: () => void) => button(this.word(word), () => this.go(move));
    const before = go("previous", () => this.rows.previousWindow());
    const after = go("next", () => this.rows.nextWindow());
    before.hidden = !this.rows.hasPreviousWindow;
    after.hidden = !this.rows.hasNextWindow;
    this.windows.replaceChildren(before, after);
    const chips = this.rows.where.map((condition) => this.chip(condition));
    const hidden = this.layout.hidden.length
      ? [
          button(
            this.word("showHidden").replace("{count}", String(this.layout.hidden.length)),
            () => {
              this.layout.showAll();
              this.draw();
            },
          ),
        ]
      : [];
    this.chips.replaceChildren(...chips, ...hidden);
  }

  private chip([name, operator, value]: Condition): HTMLElement {
    const made = button(`${name} ${this.words[operator] ?? operator} ${value}`, () =>
      this.filter(name, null),
    );
    made.append(icon(this.sprite, "x"));
    made.title = this.word("clear");
    return made;
  }

  private openMenu(from: Element, at: number): void {
    const column = this.rows.columns[at] ?? ["", "text", ""];
    const [name] = column;
    const head = {
      column,
      order: this.rows.order,
      condition: this.rows.where.find(([of]) => of === name),
      canBeOrdered: this.rows.canBeOrdered,
      isPinned: this.layout.isPinned(at),
    };
    this.menu.open(from, head, {
      order: (order) => this.ask(order, this.rows.where),
      filter: (condition) => this.filter(name, condition),
      pin: () => this.relay(() => this.layout.togglePin(at)),
      hide: () => this.relay(() => this.layout.hide(at)),
      copy: (form) => this.copies.column(this.rows, at, form),
    });
  }

  private drawBody(): void {
    const height = this.rowHeight || USUAL_HEIGHT;
    const count = this.rows.rows.length;
    const first = Math.max(0, Math.floor(this.view.scrollTop / height) - SPARE);
    const last = Math.min(count, first + Math.ceil(this.view.clientHeight / height) + 2 * SPARE);
    const width = this.layout.shown.length + 1;
    const made: HTMLElement[] = [space(first * height, width)];
    for (let at = first; at < last; at++) made.push(line(this.rows, this.layout, this.words, at));
    made.push(space((count - last) * height, width), ...ending(this.rows, width, this.words));
    this.body.replaceChildren(...made);
    this.layout.pin(this.table);
    if (this.measure() !== height) this.drawBody();
    this.mark();
    if (last >= count - SPARE) this.rows.more();
  }

  /** How high a row is, once one has been drawn. */
  private measure(): number {
    const drawn = this.body.querySelector<HTMLElement>("tr[aria-rowindex]");
    if (drawn && !this.rowHeight) this.rowHeight = drawn.offsetHeight;
    return this.rowHeight || USUAL_HEIGHT;
  }

  // --- Asking

  private go(move: () => void): void {
    this.at.move(0, this.at.column, false);
    this.view.scrollTop = 0;
    move();
    this.table.focus();
  }

  private relay(change: () => void): void {
    change();
    this.draw();
  }

  private filter(name: string, condition: Condition | null): void {
    const others = this.rows.where.filter(([of]) => of !== name);
    this.ask(this.rows.order, condition ? [...others, condition] : others);
  }

  private ask(order: string, where: Condition[]): void {
    this.go(() => this.rows.restart(order, where));
    const url = new URL(location.href);
    url.searchParams.delete("order");
    url.searchParams.delete("where");
    if (order) url.searchParams.set("order", order);
    if (where.length) url.searchParams.set("where", JSON.stringify(where));
    history.replaceState(history.state, "", url);
  }

  // --- The cell where the reader is

  private readonly picked = (event: MouseEvent): void => {
    const cell = (event.target as Element).closest<HTMLElement>("td[data-row]");
    if (!cell) return;
    if (event.shiftKey) event.preventDefault(); // cells are chosen, not their text
    this.table.focus({ preventScroll: true });
    this.move(Number(cell.dataset.row), Number(cell.dataset.column), event.shiftKey);
  };

  private readonly pressed = (event: KeyboardEvent): void => {
    if (event.target !== this.table) return;
    const isHeld = event.ctrlKey || event.metaKey;
    if (isHeld && event.key === "c" && !getSelection()?.toString()) {
      void this.copies.cells(this.rows, this.layout.shown, this.at.chosen);
    } else if (event.key === "Enter") this.expand();
    else if (event.key === "Escape" && this.at.release()) {
      event.stopPropagation(); // what is open beside it stays
      this.drawBody();
    } else if (!this.moveBy(event, isHeld)) return;
    event.preventDefault();
  };

  private moveBy(event: KeyboardEvent, isHeld: boolean): boolean {
    const height = this.rowHeight || USUAL_HEIGHT;
    const page = Math.max(1, Math.floor(this.view.clientHeight / height) - 2);
    const last = [this.rows.rows.length - 1, this.layout.shown.length - 1] as const;
    const found = this.at.after(event.key, isHeld, page, [...last]);
    if (!found) return false;
    if (event.key === "ArrowUp" && found[0] < 0 && !event.shiftKey) this.head.focus(found[1]);
    else this.move(...found, event.shiftKey);
    return true;
  }

  private move(row: number, column: number, isReaching = false): void {
    this.at.move(
      Math.max(0, Math.min(row, this.rows.rows.length - 1)),
      Math.max(0, Math.min(column, this.layout.shown.length - 1)),
      isReaching,
    );
    const height = this.rowHeight || USUAL_HEIGHT;
    const top = this.at.row * height;
    const room = this.view.clientHeight - this.head.element.offsetHeight;
    if (top < this.view.scrollTop) this.view.scrollTop = top;
    else if (top + height > this.view.scrollTop + room) this.view.scrollTop = top + height - room;
    this.drawBody();
    this.layout.reveal(this.view, this.table, this.at.column);
  }

  private mark(): void {
    const isMany = this.at.isMany;
    for (const one of this.body.querySelectorAll<HTMLElement>("td[data-row]")) {
      const isChosen = isMany && this.at.has(Number(one.dataset.row), Number(one.dataset.column));
      one.setAttribute("aria-selected", String(isChosen));
    }
    const id = `${this.layout.id}-${this.at.row}-${this.at.column}`;
    const cell = this.body.querySelector(`#${CSS.escape(id)}`);
    cell?.classList.add("grid-here");
    if (cell) this.table.setAttribute("aria-activedescendant", id);
    else this.table.removeAttribute("aria-activedescendant");
  }

  private get value(): Cell {
    return this.rows.rows[this.at.row]?.[this.layout.shown[this.at.column] ?? 0] ?? null;
  }

  private expand(): void {
    const cell = this.body.querySelector(".grid-here");
    if (!cell || this.value === null) return;
    this.full.replaceChildren(make("p", "", this.value));
    openAt(this.full, cell);
  }
}

customElements.define("hexa-grid", Grid);
