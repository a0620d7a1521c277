// All files on their way: a few rows, and beyond a few files their sum. Ten thousand
// files cost the page no more than thirty.
import type { Item, State } from "./item";
import { bytesExactly, bytesInWords, Pace, secondsInWords } from "./pace";
import type { Queue } from "./queue";
import { type Act, button, make, Row, write } from "./row";
import { counted, filled, type Words } from "./words";

const DRAWN_EVERY_MS = 250;
const ROWS = 30;
const DONE_ROWS = 10;
const WAITING_ROWS = 3;
// Of many small ones that go together.
const GOING_ROWS = 4;
// What a person must see, before what merely goes on.
const ORDER: readonly State[] = [
  "asking",
  "signed-out",
  "failed",
  "checking",
  "sending",
  "lost",
  "silent",
  "down",
  "paused",
  "waiting",
  "done",
  "same",
  "skipped",
];

export class Panel {
  readonly element = make("section", "upload-panel");
  private readonly rows = new Map<Item, Row>();
  private readonly list = make("ul", "upload-list");
  private readonly sum = make("div", "upload-sum");
  private readonly title = make("strong", "");
  private readonly detail = make("span", "quiet number upload-detail");
  private readonly bar = document.createElement("progress");
  private readonly more = make("p", "quiet upload-more");
  private readonly spoken = make("p", "hidden-text");
  private readonly hold: HTMLButtonElement;
  private readonly end: HTMLButtonElement;
  private readonly pace = new Pace();
  private before = 0;
  private timer = 0;

  constructor(
    private readonly words: Words,
    private readonly queue: () => Queue,
    private readonly act: (item: Item, act: Act) => void,
    label: string,
  ) {
    this.hold = button(() => (this.mayResume ? this.queue().resumeAll() : this.queue().pauseAll()));
    this.end = button(() => (this.isOver ? this.queue().dismiss() : this.queue().cancelAll()));
    const head = make("div", "upload-head");
    const verbs = make("span", "row push");
    verbs.append(this.hold, this.end);
    head.append(this.title, this.detail, verbs);
    this.bar.setAttribute("aria-label", label);
    this.sum.append(head, this.bar);
    this.spoken.setAttribute("role", "status");
    this.list.setAttribute("aria-label", label);
    this.element.append(this.sum, this.list, this.more);
    this.element.hidden = true;
  }

  get speaker(): HTMLElement {
    return this.spoken;
  }

  /** For who does not see it: the beginning, what needs them, and the end. */
  say(text: string): void {
    write(this.spoken, text);
  }

  /** A folder takes a while to read; what there is to send is not known yet. */
  reading(count: number): void {
    const words = filled(this.words.reading, { count: counted(count) });
    if (!this.spoken.textContent) this.say(words);
    if (this.items.length) return;
    write(this.title, words);
    write(this.detail, "");
    this.bar.removeAttribute("value");
    for (const shown of [this.element, this.sum, this.bar]) shown.hidden = false;
    for (const verb of [this.hold, this.end]) verb.hidden = true;
  }

  drawSoon(): void {
    this.timer ||= window.setTimeout(() => this.draw(), DRAWN_EVERY_MS);
  }

  draw(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    const items = this.items;
    this.element.hidden = items.length === 0;
    this.drawSum(items);
    this.drawRows(items);
  }

  private get items(): Item[] {
    return this.queue().items.filter((item) => item.state !== "cancelled");
  }

  private get isOver(): boolean {
    return this.items.every((item) => item.isOver);
  }

  private get mayResume(): boolean {
    return (
      this.queue().isHeld || this.items.every((item) => item.isOver || item.state === "paused")
    );
  }

  private drawSum(items: Item[]): void {
    const stored = items.filter((item) => item.isStored);
    const total = sumOf(items, (item) => item.size);
    const sent = sumOf(items, (item) => item.sentBytes);
    this.pace.add(sent - this.before);
    this.before = sent;
    const isOver = items.every((item) => item.isOver);
    const failed = items.filter((item) => item.state === "failed").length;
    this.sum.hidden = items.length < 2;
    this.end.hidden = false;
    this.element.dataset.state = isOver ? (failed ? "failed" : "done") : "sending";
    this.bar.max = Math.max(1, total);
    this.bar.value = sent;
    this.bar.hidden = isOver;
    write(this.title, isOver ? this.summary(items) : this.count(stored.length, items.length));
    write(this.detail, isOver ? "" : this.left(sent, total));
    write(this.hold, this.mayResume ? this.words.resume_all : this.words.pause_all);
    this.hold.hidden = isOver;
    write(this.end, isOver ? this.words.dismiss : this.words.cancel_all);
  }

  private count(done: number, count: number): string {
    return filled(this.words.files_of, { done: counted(done), count: counted(count) });
  }

  private left(sent: number, total: number): string {
    const words = filled(this.words.of, {
      sent: bytesInWords(sent),
      total: bytesInWords(total),
    });
    const speed = this.queue().isHeld ? undefined : this.pace.bytesPerSecond();
    if (!speed) return words;
    const time = secondsInWords((total - sent) / speed);
    return `${words} · ${filled(this.words.left, { time })}`;
  }

  summary(items = this.items): string {
    const stored = items.filter((item) => item.isStored);
    const failed = items.filter((item) => item.state === "failed").length;
    const size = bytesExactly(sumOf(stored, (item) => item.size));
    const done = filled(this.words.all_done, { count: counted(stored.length), size });
    return failed ? `${done} ${filled(this.words.some_failed, { count: counted(failed) })}` : done;
  }

  private drawRows(items: Item[]): void {
    const shown = new Set(chosen(items));
    for (const [item, row] of this.rows) {
      if (shown.has(item)) continue;
      row.element.remove();
      this.rows.delete(item);
    }
    let at = this.list.firstElementChild;
    for (const item of items) {
      if (!shown.has(item)) continue;
      const row = this.rowOf(item);
      if (row.element === at) at = at.nextElementSibling;
      else this.list.insertBefore(row.element, at);
      row.draw(items.length === 1);
    }
    const left = items.filter((item) => item.state === "waiting" && !shown.has(item)).length;
    this.more.hidden = left === 0;
    write(this.more, filled(this.words.more_waiting, { count: counted(left) }));
  }

  private rowOf(item: Item): Row {
    const row = this.rows.get(item) ?? new Row(item, this.words, this.act);
    this.rows.set(item, row);
    return row;
  }
}

function chosen(items: Item[]): Item[] {
  const isMany = items.length > DONE_ROWS;
  const most = new Map<State, number>([
    ["checking", isMany ? GOING_ROWS : ROWS],
    ["sending", isMany ? GOING_ROWS : ROWS],
    ["waiting", WAITING_ROWS],
    ["done", isMany ? 0 : DONE_ROWS],
    ["same", isMany ? 0 : DONE_ROWS],
  ]);
  const found: Item[] = [];
  for (const state of ORDER) {
    const some = items.filter((item) => item.state === state);
    found.push(...some.slice(0, Math.min(most.get(state) ?? ROWS, ROWS - found.length)));
  }
  return found;
}

function sumOf(items: Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
