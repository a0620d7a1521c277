// <hexa-upload start part complete cancel words>: files picked with [data-upload] or
// dropped on the page go to the store. Each one done is told by a bubbling event
// `hexa-uploaded`, detail {name}; the listing asks for itself again on it.
import { bytesInWords, secondsInWords } from "./pace";
import { Transfer } from "./transfer";

type Word =
  | "of"
  | "left"
  | "waiting"
  | "paused"
  | "retrying"
  | "done"
  | "failed"
  | "pause"
  | "resume"
  | "cancel"
  | "dismiss";

const DRAWN_EVERY_MS = 250;
const DONE_SHOWN_MS = 8000;

class Upload extends HTMLElement {
  private readonly rows = new Map<Transfer, Row>();
  private readonly queue: Transfer[] = [];
  private isBusy = false;
  private readonly words: Record<Word, string> = JSON.parse(this.getAttribute("words") ?? "{}");

  connectedCallback(): void {
    this.picker.addEventListener("change", this.picked);
    document.addEventListener("click", this.clicked);
    document.addEventListener("dragover", this.dragged);
    document.addEventListener("dragleave", this.left);
    document.addEventListener("drop", this.dropped);
    addEventListener("beforeunload", this.leaving);
    // On a slow line a person has picked files before this code arrived.
    if (this.picker.files?.length) this.picked();
  }

  disconnectedCallback(): void {
    this.picker.removeEventListener("change", this.picked);
    document.removeEventListener("click", this.clicked);
    document.removeEventListener("dragover", this.dragged);
    document.removeEventListener("dragleave", this.left);
    document.removeEventListener("drop", this.dropped);
    removeEventListener("beforeunload", this.leaving);
    for (const transfer of this.rows.keys()) transfer.pause();
  }

  private get picker(): HTMLInputElement {
    const picker = this.querySelector<HTMLInputElement>("input[type=file]");
    if (!picker) throw new Error("hexa-upload holds no file input.");
    return picker;
  }

  private add(files: Iterable<File>): void {
    for (const file of files) {
      const transfer: Transfer = new Transfer(file, this.addresses, () => this.draw(transfer));
      const row = new Row(transfer, this.words, (act) => this.act(transfer, act));
      this.rows.set(transfer, row);
      this.querySelector(".upload-list")?.append(row.element);
      this.queue.push(transfer);
      row.draw();
    }
    void this.work();
  }

  private get addresses() {
    const of = (name: string): string => this.getAttribute(name) ?? "";
    return { start: of("start"), part: of("part"), complete: of("complete"), cancel: of("cancel") };
  }

  /** One file after the other: on a slow line, one that arrives beats three halves. */
  private async work(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      if (next.isOver) continue;
      await next.run();
      if (next.state === "done") {
        const detail = { name: next.file.name };
        this.dispatchEvent(new CustomEvent("hexa-uploaded", { bubbles: true, detail }));
        setTimeout(() => this.act(next, "dismiss"), DONE_SHOWN_MS);
      }
    }
    this.isBusy = false;
  }

  private act(transfer: Transfer, act: "pause" | "resume" | "cancel" | "dismiss"): void {
    if (act === "pause") transfer.pause();
    if (act === "resume") {
      this.queue.unshift(transfer);
      void this.work();
    }
    if (act === "cancel") void transfer.cancel();
    if (act === "cancel" || act === "dismiss") {
      this.rows.get(transfer)?.element.remove();
      this.rows.delete(transfer);
    }
  }

  private draw(transfer: Transfer): void {
    this.rows.get(transfer)?.drawSoon();
  }

  private readonly picked = (): void => {
    this.add(this.picker.files ?? []);
    this.picker.value = "";
  };

  private readonly clicked = (event: Event): void => {
    if (event.target instanceof Element && event.target.closest("[data-upload]")) {
      this.picker.click();
    }
  };

  private readonly dragged = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.toggleAttribute("data-over", true);
  };

  private readonly left = (event: DragEvent): void => {
    if (!event.relatedTarget) this.removeAttribute("data-over");
  };

  private readonly dropped = (event: DragEvent): void => {
    this.removeAttribute("data-over");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.add(event.dataTransfer.files);
  };

  private readonly leaving = (event: BeforeUnloadEvent): void => {
    if ([...this.rows.keys()].some((transfer) => !transfer.isOver)) event.preventDefault();
  };
}

/** What a person sees of one transfer. */
class Row {
  readonly element = document.createElement("li");
  private readonly detail = make("span", "quiet number upload-detail");
  private readonly bar = document.createElement("progress");
  private readonly hold: HTMLButtonElement;
  private readonly end: HTMLButtonElement;
  private timer = 0;

  constructor(
    private readonly transfer: Transfer,
    private readonly words: Record<Word, string>,
    act: (act: "pause" | "resume" | "cancel" | "dismiss") => void,
  ) {
    const name = make("strong", "clip");
    name.textContent = transfer.file.name;
    this.hold = button(() => act(transfer.state === "paused" ? "resume" : "pause"));
    this.end = button(() => act(transfer.isOver ? "dismiss" : "cancel"));
    const head = make("div", "row wrap");
    const verbs = make("span", "row push");
    verbs.append(this.hold, this.end);
    head.append(name, this.detail, verbs);
    this.bar.max = Math.max(1, transfer.file.size);
    this.bar.setAttribute("aria-label", transfer.file.name);
    this.element.className = "upload-row";
    this.element.append(head, this.bar);
  }

  drawSoon(): void {
    if (this.element.dataset.state !== this.transfer.state) this.draw();
    this.timer ||= window.setTimeout(() => this.draw(), DRAWN_EVERY_MS);
  }

  draw(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    const { transfer, words } = this;
    this.element.dataset.state = transfer.state;
    this.bar.value = transfer.state === "done" ? this.bar.max : transfer.sentBytes;
    this.detail.textContent = this.describe();
    this.hold.textContent = transfer.state === "paused" ? words.resume : words.pause;
    this.hold.hidden = transfer.isOver || transfer.state === "waiting";
    this.end.textContent = transfer.isOver ? words.dismiss : words.cancel;
  }

  private describe(): string {
    const { transfer, words } = this;
    const total = bytesInWords(transfer.file.size);
    if (transfer.state === "waiting") return `${total} · ${words.waiting}`;
    if (transfer.state === "done") return `${total} · ${words.done}`;
    if (transfer.state === "failed") return `${words.failed} ${transfer.problem}`;
    const sent = words.of
      .replace("{sent}", bytesInWords(transfer.sentBytes))
      .replace("{total}", total);
    if (transfer.state === "paused") return `${sent} · ${words.paused}`;
    if (transfer.state === "retrying") return `${sent} · ${words.retrying}`;
    const speed = transfer.pace.bytesPerSecond();
    if (!speed) return sent;
    const left = secondsInWords((transfer.file.size - transfer.sentBytes) / speed);
    return `${sent} · ${bytesInWords(speed)}/s · ${words.left.replace("{time}", left)}`;
  }
}

function make(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function button(act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-plain button-small";
  made.addEventListener("click", act);
  return made;
}

customElements.define("hexa-upload", Upload);
