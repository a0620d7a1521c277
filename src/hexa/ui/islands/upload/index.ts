// <hexa-upload addresses words digest>: files picked with [data-upload], folders picked
// with [data-upload=folder], and what is dropped on the page, go to the store. What has
// arrived is told by a bubbling event `hexa-uploaded`, detail {name}; the listing asks for
// itself again on it.
//
//   sources → queue → parts | whole → line → store      drawn by panel, asked by asking
import { Asking } from "./asking";
import type { Item, Source } from "./item";
import { Panel } from "./panel";
import type { Addresses } from "./protocol";
import { Queue } from "./queue";
import type { Act } from "./row";
import { canPick, fromDrop, fromGiven, fromInput, pick } from "./sources";
import { Unfinished } from "./unfinished";
import { counted, filled, type Words } from "./words";

// The listing is not drawn anew for each of ten thousand.
const TOLD_EVERY_MS = 4000;

class Upload extends HTMLElement {
  private readonly words: Words = JSON.parse(this.getAttribute("words") ?? "{}");
  private readonly addresses: Addresses = JSON.parse(this.getAttribute("addresses") ?? "{}");
  private queue!: Queue;
  private panel!: Panel;
  private asking!: Asking;
  private unfinished!: Unfinished;
  private told = 0;
  private timer = 0;

  connectedCallback(): void {
    const label = this.getAttribute("label") ?? "";
    this.panel = new Panel(this.words, () => this.queue, this.act, label);
    this.asking = new Asking(this, this.words, (text) => this.panel.say(text));
    this.queue = new Queue(
      this.addresses,
      this.words,
      this.getAttribute("digest") ?? "",
      (item, there) => this.asking.choose(item, there),
      {
        changed: (item) => {
          if (item) this.unfinished.going(item);
          this.panel.drawSoon();
        },
        stored: (item) => this.stored(item),
        idle: () => this.idle(),
      },
    );
    const [files, folder, one] = this.querySelectorAll<HTMLInputElement>("input[type=file]");
    if (!files || !folder || !one) throw new Error("hexa-upload lacks its file inputs.");
    const add = (source: Source): void => void this.queue.add([source]);
    this.unfinished = new Unfinished(this, one, this.words, this.addresses.cancel, add);
    this.prepend(this.panel.element);
    this.append(this.panel.speaker);
    for (const input of [files, folder]) {
      input.addEventListener("change", () => void this.take(fromInput(input)));
      // On a slow line a person has picked files before this code arrived.
      if (input.files?.length) void this.take(fromInput(input));
    }
    if (window.hexaDropped) {
      void fromGiven(window.hexaDropped, this.reading).then((sources) => this.take(sources));
      delete window.hexaDropped;
    }
    document.addEventListener("click", this.clicked);
    document.addEventListener("dragover", this.dragged);
    document.addEventListener("dragleave", this.left);
    document.addEventListener("drop", this.dropped);
    addEventListener("beforeunload", this.leaving);
  }

  disconnectedCallback(): void {
    document.removeEventListener("click", this.clicked);
    document.removeEventListener("dragover", this.dragged);
    document.removeEventListener("dragleave", this.left);
    document.removeEventListener("drop", this.dropped);
    removeEventListener("beforeunload", this.leaving);
    this.queue.pauseAll();
    this.queue.desk.digest.end();
  }

  /** Names that cannot be are told before anything is sent. */
  private async take(sources: Source[]): Promise<void> {
    if (!sources.length) return this.panel.draw();
    let sendable = sources;
    if (sources.length > 1) {
      const refused = await this.queue.refused(sources).catch((error: unknown) => {
        this.panel.say(String(error));
        return undefined;
      });
      sendable = sources.filter(({ path }) => !refused?.has(path));
      const bad = refused && sendable.length < sources.length;
      if (bad && !(await this.asking.goOn(refused, sendable.length))) return this.panel.draw();
    }
    this.queue.add(sendable);
    this.panel.say(filled(this.words.started, { count: counted(sendable.length) }));
  }

  private readonly act = (item: Item, act: Act): void => {
    if (act === "pause") item.pause();
    else if (act === "cancel") void this.queue.cancel(item);
    else if (act === "dismiss") this.queue.dismiss();
    else this.queue.resume(item);
  };

  private stored(item: Item): void {
    if (Date.now() - this.told > TOLD_EVERY_MS) this.tell(item.name);
    else this.timer ||= window.setTimeout(() => this.tell(item.name), TOLD_EVERY_MS);
  }

  private tell(name: string): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.told = Date.now();
    this.dispatchEvent(new CustomEvent("hexa-uploaded", { bubbles: true, detail: { name } }));
  }

  private idle(): void {
    if (this.timer) this.tell("");
    this.panel.draw();
    const { items } = this.queue;
    if (!items.length || items.some((item) => !item.isOver)) return;
    this.asking.forget();
    this.panel.say(this.panel.summary());
  }

  private readonly clicked = (event: Event): void => {
    if (this.unfinished.clicked(event)) return;
    const at = event.target instanceof Element ? event.target : undefined;
    const wanted = at?.closest("[data-upload]");
    if (!wanted) return;
    at?.closest<HTMLElement>("[popover]")?.hidePopover();
    const [files, folder] = this.querySelectorAll<HTMLInputElement>("input[type=file]");
    if (wanted.getAttribute("data-upload") === "folder") folder?.click();
    else if (canPick) void pick().then((sources) => this.take(sources));
    else files?.click();
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
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    void fromDrop(event.dataTransfer, this.reading).then((sources) => this.take(sources));
  };

  private readonly reading = (count: number): void => this.panel.reading(count);

  private readonly leaving = (event: BeforeUnloadEvent): void => {
    if (this.queue.items.some((item) => item.isGoing || item.state === "waiting")) {
      event.preventDefault();
    }
  };
}

customElements.define("hexa-upload", Upload);
