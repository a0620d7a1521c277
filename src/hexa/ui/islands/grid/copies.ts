// Values on their way to the clipboard.
import { asCsv, asMarkdown, asTabs } from "./cells";
import type { Column, Rows } from "./data";
import { make, menuItem, openAt, type Words } from "./parts";
import type { Cells, Place } from "./place";

const SHOWN_MS = 1600;
const NONE: Column = ["", "text", ""];

export class Copies {
  readonly element = make("div", "menu-list");
  readonly note = make("span", "grid-note");
  private timer = 0;

  constructor(
    private readonly sprite: string,
    private readonly words: Words,
  ) {
    this.element.popover = "auto";
    this.note.setAttribute("role", "status");
  }

  /** Of the cell where the reader is: itself, its row, its column. */
  offer(from: Element, rows: Rows, shown: number[], place: Place): void {
    const columns = shown.map((at) => rows.columns[at] ?? NONE);
    const cells = shown.map((at) => rows.rows[place.row]?.[at] ?? null);
    const column = shown[place.column] ?? 0;
    const item = (word: string, act: () => void) =>
      menuItem(this.sprite, "copy", this.words[word] ?? word, act);
    this.element.replaceChildren(
      item(
        place.isMany ? "copyCells" : "copyCell",
        () => void this.cells(rows, shown, place.chosen),
      ),
      item("rowCsv", () => void this.copy(asCsv(columns, [cells]))),
      item("rowMarkdown", () => void this.copy(asMarkdown(columns, [cells]))),
      item("columnCsv", () => this.column(rows, column, "csv")),
      item("columnMarkdown", () => this.column(rows, column, "markdown")),
    );
    openAt(this.element, from);
    this.element.querySelector("button")?.focus();
  }

  column(rows: Rows, at: number, form: "csv" | "markdown"): void {
    const column = rows.columns[at] ?? NONE;
    const values = rows.rows.map((row) => [row[at] ?? null]);
    void this.copy(form === "csv" ? asCsv([column], values) : asMarkdown([column], values));
  }

  /** One as it is; several so that a spreadsheet takes them. */
  async cells(rows: Rows, shown: number[], { rows: [top, end], columns }: Cells): Promise<void> {
    const columnsOf = shown.slice(columns[0], columns[1] + 1);
    const values = rows.rows
      .slice(top, end + 1)
      .map((row) => columnsOf.map((at) => row[at] ?? null));
    if (values.length === 1 && columnsOf.length === 1) return this.copy(values[0]?.[0] ?? "");
    const told = (this.words.copiedCells ?? "")
      .replace("{rows}", String(values.length))
      .replace("{columns}", String(columnsOf.length));
    await this.copy(asTabs(values), told);
  }

  async copy(text: string, told = this.words.copied ?? ""): Promise<void> {
    this.element.hidePopover();
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false, // the browser refused, or the page is not served securely
    );
    this.say(isCopied ? told : (this.words.notCopied ?? ""));
  }

  say(text: string): void {
    clearTimeout(this.timer);
    this.note.textContent = text;
    this.timer = window.setTimeout(() => {
      this.note.textContent = "";
    }, SHOWN_MS);
  }
}
