// How one value is shown, and how values are copied.
import type { Cell, Column } from "./data";

const language = document.documentElement.lang || "en";
const amounts = new Intl.NumberFormat(language, {
  maximumFractionDigits: 20,
  useGrouping: "min2",
});
const AMOUNT = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const MOMENT = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/;
const ZONE = /(Z|[+-]\d\d(:?\d\d)?)$/;

/** As text: the exact digits, in the reader's notation. */
export function shown(value: string, kind: string): string {
  if (kind !== "number" || !AMOUNT.test(value)) return value;
  return amounts.format(value as `${number}`);
}

/** A moment in the reader's own time, for those with a time zone. */
export function localMoment(value: string, kind: string): string {
  if (kind !== "date" || !MOMENT.test(value) || !ZONE.test(value.slice(10))) return "";
  const moment = new Date(value.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
  return Number.isNaN(moment.getTime()) ? "" : moment.toLocaleString(language);
}

export function asCsv(columns: Column[], rows: Cell[][]): string {
  return lines([columns.map(([name]) => name), ...rows], (cells) => cells.map(quoted).join(","));
}

/** As spreadsheets put it on the clipboard. */
export function asTabs(rows: Cell[][]): string {
  return rows.map((cells) => cells.map(tabbed).join("\t")).join("\n");
}

function tabbed(cell: Cell): string {
  const text = cell ?? "";
  return /[\t"\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function asMarkdown(columns: Column[], rows: Cell[][]): string {
  const line = (cells: Cell[]) => `| ${cells.map(escaped).join(" | ")} |`;
  const rule = columns.map(([, kind]) => (kind === "number" ? "---:" : "---"));
  return lines([columns.map(([name]) => name), rule, ...rows], line);
}

function lines(rows: Cell[][], line: (cells: Cell[]) => string): string {
  return `${rows.map(line).join("\n")}\n`;
}

function quoted(cell: Cell): string {
  const text = cell ?? "";
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function escaped(cell: Cell): string {
  return (cell ?? "")
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replace(/\s*\n\s*/g, " ");
}
