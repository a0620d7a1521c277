// What a person sees of one file.
import type { Item, State } from "./item";
import { bytesExactly, bytesInWords, secondsInWords } from "./pace";
import { filled, type Words } from "./words";

export type Act = "pause" | "resume" | "cancel" | "again" | "dismiss";

const MAY_PAUSE: readonly State[] = ["checking", "sending", "lost", "silent", "down", "signed-out"];

export class Row {
  readonly element = document.createElement("li");
  private readonly name = make("strong", "upload-name");
  private readonly detail = make("span", "quiet number upload-detail");
  private readonly bar = document.createElement("progress");
  private readonly signIn = document.createElement("a");
  private readonly hold: HTMLButtonElement;
  private readonly end: HTMLButtonElement;

  constructor(
    private readonly item: Item,
    private readonly words: Words,
    act: (item: Item, act: Act) => void,
  ) {
    this.name.textContent = item.name;
    this.name.title = item.name;
    this.hold = button(() => act(item, holdOf(item)));
    this.end = button(() => act(item, item.isOver ? "dismiss" : "cancel"));
    this.signIn.href = "/accounts/login/";
    this.signIn.target = "_blank";
    this.signIn.textContent = words.sign_in;
    const head = make("div", "upload-head");
    const verbs = make("span", "row push");
    verbs.append(this.signIn, this.hold, this.end);
    head.append(this.name, this.detail, verbs);
    this.bar.max = Math.max(1, item.size);
    this.bar.setAttribute("aria-label", item.name);
    this.element.className = "upload-row";
    this.element.append(head, this.bar);
  }

  /** One that is alone is dismissed here: there is no sum above it. */
  draw(isAlone: boolean): void {
    const { item, words } = this;
    this.element.dataset.state = item.state;
    this.bar.value = item.isStored ? this.bar.max : item.sentBytes;
    this.bar.hidden = item.isOver || item.state === "asking";
    write(this.name, item.shownName);
    write(this.detail, this.describe());
    write(this.hold, words[holdOf(item)]);
    this.hold.hidden =
      !MAY_PAUSE.includes(item.state) && !["paused", "failed"].includes(item.state);
    write(this.end, item.isOver ? words.dismiss : words.cancel);
    this.end.hidden = item.isOver && !isAlone;
    this.signIn.hidden = item.state !== "signed-out";
    for (const one of [this.hold, this.end]) {
      one.setAttribute("aria-label", `${one.textContent}: ${item.name}`);
    }
  }

  private describe(): string {
    const { item, words } = this;
    if (item.state === "sending") return this.pace();
    const said = {
      waiting: words.waiting,
      checking: words.checking,
      lost: words.lost,
      silent: words.silent,
      down: words.down,
      "signed-out": words.signed_out,
      asking: words.asking,
      paused: words.paused,
      done: filled(words.done, { size: bytesExactly(item.storedSize) }),
      same: filled(words.same, { size: bytesExactly(item.size) }),
      skipped: words.skipped,
      failed: `${words.failed} ${item.problem}`,
      cancelled: "",
    }[item.state];
    return item.isOver ? said : `${this.sent()} · ${said}`;
  }

  private sent(): string {
    const { item, words } = this;
    const total = bytesInWords(item.size);
    if (!item.sentBytes) return total;
    return filled(words.of, { sent: bytesInWords(item.sentBytes), total });
  }

  private pace(): string {
    const { item, words } = this;
    const speed = item.pace.bytesPerSecond();
    if (!speed || item.sentBytes === item.size) return this.sent();
    const time = secondsInWords((item.size - item.sentBytes) / speed);
    return `${this.sent()} · ${bytesInWords(speed)}/s · ${filled(words.left, { time })}`;
  }
}

function holdOf(item: Item): "pause" | "resume" | "again" {
  if (item.state === "failed") return "again";
  return item.state === "paused" ? "resume" : "pause";
}

/** Only what changed: a reader's place and a selection stay. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function make(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

export function button(act: () => void, kind = "plain"): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button button-${kind} button-small`;
  made.addEventListener("click", act);
  return made;
}
