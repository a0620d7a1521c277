// The rows that are in view, and what stands around them.
import { localMoment, shown } from "./cells";
import type { Cell, Rows } from "./data";
import type { Layout } from "./layout";
import { button, make, type Words } from "./parts";

/** "Rows 1–100 of 27 000 000": what is here, and how much there is. */
export function statusOf(rows: Rows, words: Words): string {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const count = rows.rows.length;
  if (!count) return words[rows.isLoading ? "loading" : "noRows"] ?? "";
  const isFiltered = rows.where.length > 0;
  const of = isFiltered ? rows.matching : rows.total;
  const told = of === null ? "rowsOfMany" : isFiltered ? "rowsMatching" : "rowsOf";
  return (words[told] ?? "")
    .replace("{first}", number.format(rows.before + 1))
    .replace("{last}", number.format(rows.before + count))
    .replace("{total}", number.format(of ?? 0));
}

/** Room for rows that are not in view. */
export function space(height: number, columns: number): HTMLElement {
  const made = make("tr", "grid-space");
  made.setAttribute("aria-hidden", "true");
  const cell = made.insertCell();
  cell.colSpan = columns;
  cell.style.height = `${height}px`;
  made.hidden = height <= 0;
  return made;
}

/** What stands below the last row: more is coming, or why it is not. */
export function ending(rows: Rows, columns: number, words: Words): HTMLElement[] {
  if (!rows.isLoading && !rows.problem) return [];
  const made = make("tr", "grid-ending");
  const cell = made.insertCell();
  cell.colSpan = columns;
  if (rows.problem) {
    const again = button(words.again ?? "", () => rows.again());
    cell.append(make("span", "grid-problem", rows.problem), " ", again);
  } else cell.append(make("span", "faint", words.loading));
  return [made];
}

export function line(rows: Rows, layout: Layout, words: Words, at: number): HTMLElement {
  const made = make("tr");
  made.setAttribute("aria-rowindex", String(rows.before + at + 2));
  const number = make("th", "grid-row-number", String(rows.before + at + 1));
  number.scope = "row";
  made.append(number);
  layout.shown.forEach((index, place) => {
    const kind = rows.columns[index]?.[1] ?? "text";
    const value = cell(rows.rows[at]?.[index] ?? null, kind, words);
    value.id = `${layout.id}-${at}-${place}`;
    value.dataset.row = String(at);
    value.dataset.column = String(place);
    made.append(value);
  });
  return made;
}

function cell(value: Cell, kind: string, words: Words): HTMLElement {
  const made = make("td", kind === "number" ? "num" : "");
  if (value === null) {
    made.classList.add("null");
    made.textContent = words.null ?? "";
  } else {
    made.textContent = shown(value, kind);
    made.title = localMoment(value, kind);
  }
  return made;
}
