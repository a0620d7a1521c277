// <hexa-pdf source="…" worker="…" data-words="{…}">: a document, a page at a time.
//
// Drawn by pdf.js onto a canvas, from the ranges of the file that the page needs. The
// scripts of a document never run: pdf.js runs them only where it is told how.
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy } from "pdfjs-dist";

const SHARPEST = 2;
const MOST_PIXELS = 16_000_000;

class Pdf extends HTMLElement {
  private document: PDFDocumentProxy | undefined;
  private number = 1;
  private drawing = 0;
  private readonly canvas = document.createElement("canvas");
  private readonly text = document.createElement("div");
  private readonly status = document.createElement("span");
  private readonly previous = this.button("previous", -1);
  private readonly next = this.button("next", 1);

  connectedCallback(): void {
    if (this.contains(this.canvas)) return;
    const bar = document.createElement("div");
    bar.className = "pdf-bar";
    this.status.setAttribute("role", "status");
    this.status.textContent = this.word("loading");
    bar.append(this.previous, this.status, this.next);
    const view = document.createElement("div");
    view.className = "pdf-view";
    view.tabIndex = 0;
    view.setAttribute("role", "region");
    view.setAttribute("aria-label", this.word("page"));
    this.canvas.setAttribute("aria-hidden", "true");
    this.text.className = "hidden-text";
    view.append(this.canvas, this.text);
    this.replaceChildren(bar, view);
    this.addEventListener("keydown", this.pressed);
    void this.open();
  }

  disconnectedCallback(): void {
    void this.document?.loadingTask.destroy();
  }

  private async open(): Promise<void> {
    GlobalWorkerOptions.workerSrc = this.getAttribute("worker") ?? "";
    try {
      this.document = await getDocument({
        url: this.getAttribute("source") ?? "",
        // Compiling WebAssembly is forbidden on our pages; pdf.js has the same in script.
        useWasm: false,
        disableAutoFetch: true,
        disableStream: true,
        maxImageSize: MOST_PIXELS,
      }).promise;
      await this.draw();
    } catch {
      this.status.textContent = this.word("failed");
    }
  }

  private async draw(): Promise<void> {
    if (!this.document) return;
    const drawing = ++this.drawing;
    const page = await this.document.getPage(this.number);
    const natural = page.getViewport({ scale: 1 });
    const width = Math.max(200, this.clientWidth);
    const sharp = Math.min(SHARPEST, devicePixelRatio || 1);
    const wanted = (width / natural.width) * sharp;
    const most = Math.sqrt(MOST_PIXELS / (natural.width * natural.height));
    const viewport = page.getViewport({ scale: Math.min(wanted, most) });
    if (drawing !== this.drawing) return;
    this.canvas.width = viewport.width;
    this.canvas.height = viewport.height;
    await page.render({ canvas: this.canvas, viewport }).promise;
    const { items } = await page.getTextContent();
    if (drawing !== this.drawing) return;
    this.text.textContent = items.map((item) => ("str" in item ? item.str : "")).join(" ");
    this.tell(this.document.numPages);
  }

  private tell(count: number): void {
    this.status.textContent = this.word("position")
      .replace("{page}", String(this.number))
      .replace("{count}", String(count));
    this.previous.disabled = this.number <= 1;
    this.next.disabled = this.number >= count;
  }

  private go(step: number): void {
    const count = this.document?.numPages ?? 0;
    const to = Math.max(1, Math.min(count, this.number + step));
    if (to === this.number || !count) return;
    this.number = to;
    this.draw().catch(() => {
      this.status.textContent = this.word("failed");
    });
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.go(step);
  };

  private button(word: string, step: number): HTMLButtonElement {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-small";
    made.textContent = this.word(word);
    made.disabled = true;
    made.addEventListener("click", () => this.go(step));
    return made;
  }

  private word(name: string): string {
    const words = JSON.parse(this.dataset.words ?? "{}") as Record<string, string>;
    return words[name] ?? name;
  }
}

customElements.define("hexa-pdf", Pdf);
