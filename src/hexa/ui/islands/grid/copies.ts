// Values on their way to the clipboard.
import { asCsv, asMarkdown } from "./cells";
import type { Column, Rows } from "./data";
import { make, menuItem, openAt, type Words } from "./parts";

const SHOWN_MS = 1600;
const NONE: Column = ["", "text", ""];

export class Copies {
  readonly element = make("div", "menu-list");
  readonly note = make("span", "grid-note");

  constructor(
    private readonly sprite: string,
    private readonly words: Words,
  ) {
    this.element.popover = "auto";
    this.note.setAttribute("role", "status");
  }

  /** Of the cell where the reader is: itself, its row, its column. */
  offer(from: Element, rows: Rows, shown: number[], row: number, place: number): void {
    const columns = shown.map((at) => rows.columns[at] ?? NONE);
    const cells = shown.map((at) => rows.rows[row]?.[at] ?? null);
    const column = shown[place] ?? 0;
    const item = (word: string, act: () => void) =>
      menuItem(this.sprite, "copy", this.words[word] ?? word, act);
    this.element.replaceChildren(
      item("copyCell", () => void this.copy(cells[place] ?? "")),
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

  async copy(text: string): Promise<void> {
    this.element.hidePopover();
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false, // the browser refused, or the page is not served securely
    );
    this.note.textContent = this.words[isCopied ? "copied" : "notCopied"] ?? "";
    setTimeout(() => {
      this.note.textContent = "";
    }, SHOWN_MS);
  }
}
