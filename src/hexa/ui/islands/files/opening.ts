// A file that is chosen opens beside its listing, in the page that is there: an upload
// goes on, and only the preview is fetched. Where that fails the link does what links do.
import htmx from "htmx.org";

// A preview that comes sooner takes the place of the other without a skeleton between.
const PATIENCE_MS = 150;
const LEFT_ALONE = "input, textarea, select, [popover], dialog";

export class Opening {
  private asked: AbortController | undefined;
  private hasPushed = false;

  /** `host`: hexa-files, which holds the listing and what stands beside it. */
  constructor(private readonly host: HTMLElement) {}

  get preview(): HTMLElement | null {
    return this.host.querySelector("#preview");
  }

  /** Which row is looked at, and where its neighbours are. */
  mark(rows: HTMLTableRowElement[]): void {
    if (!this.preview) return;
    const files = rows.filter((row) => !row.dataset.key?.endsWith("/"));
    const at = files.findIndex((row) => linkOf(row)?.pathname === location.pathname);
    for (const row of rows) row.ariaCurrent = row === files[at] ? "true" : null;
    for (const step of this.preview.querySelectorAll<HTMLElement>("[data-step]")) {
      const to = at < 0 ? undefined : files[at + Number(step.dataset.step)];
      (step as HTMLButtonElement).disabled = !to;
    }
  }

  /** Whether a click on this link was taken. */
  clicked(event: MouseEvent, row: HTMLTableRowElement): boolean {
    const link = (event.target as Element).closest("a");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (!link || !isPlain || row.dataset.key?.endsWith("/")) return false;
    event.preventDefault();
    void this.open(row, true);
    return true;
  }

  /** By a button of the preview. */
  stepped(target: Element, rows: HTMLTableRowElement[]): void {
    const step = target.closest<HTMLElement>("[data-step]")?.dataset.step;
    if (step) void this.step(Number(step), rows, `[data-step="${step}"]`);
  }

  /** Whether the key was one of ours: ← and → where they do nothing else. */
  pressed(event: KeyboardEvent, rows: HTMLTableRowElement[]): boolean {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !this.preview || event.defaultPrevented || isHeld(event)) return false;
    const at = event.target as Element;
    const isInHead = at.closest("#listing, #preview .card-head") !== null;
    const isNowhere = at === document.body || at === this.preview || at.id === "main";
    if (!(isInHead || isNowhere) || at.matches(LEFT_ALONE)) return false;
    void this.step(step, rows, "");
    return true;
  }

  /** Back or forward, among what was opened here. */
  went(rows: HTMLTableRowElement[]): void {
    if (!this.hasPushed) return;
    const row = rows.find((one) => linkOf(one)?.pathname === location.pathname);
    if (row) void this.open(row, false);
    else location.reload();
  }

  private async step(by: number, rows: HTMLTableRowElement[], focus: string): Promise<void> {
    const files = rows.filter((row) => !row.dataset.key?.endsWith("/"));
    const to = files[files.findIndex((row) => row.ariaCurrent === "true") + by];
    if (!to) return;
    const wasOnRow = document.activeElement?.closest("tr[data-key]") !== null;
    if (wasOnRow) to.focus();
    to.scrollIntoView({ block: "nearest" });
    await this.open(to, true);
    const place = focus ? this.preview?.querySelector<HTMLElement>(focus) : undefined;
    if (!wasOnRow) (place?.matches(":enabled") ? place : this.preview)?.focus();
  }

  private async open(row: HTMLTableRowElement, isNew: boolean): Promise<void> {
    const link = linkOf(row);
    if (!link) return;
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    if (!this.preview) {
      lengthenPath();
      this.wait(row);
    }
    const waiting = setTimeout(() => this.wait(row), PATIENCE_MS);
    const drawn = await fetched(link.href, asked.signal);
    clearTimeout(waiting);
    if (asked.signal.aborted) return;
    if (!drawn) {
      location.assign(link.href);
      return;
    }
    if (isNew && link.href !== location.href) {
      history.pushState({ files: true }, "", link.href);
      this.hasPushed = true;
    }
    this.show(drawn, row);
  }

  private wait(row: HTMLTableRowElement): void {
    const template = this.host.querySelector<HTMLTemplateElement>("template[data-waiting]");
    const drawn = template?.content.querySelector("#preview")?.cloneNode(true) as HTMLElement;
    drawn?.querySelector(".card-title")?.append(row.dataset.name ?? "");
    if (drawn) this.put(drawn);
  }

  private show(drawn: HTMLElement, row: HTMLTableRowElement): void {
    const here = heading();
    if (here) here.textContent = row.dataset.name ?? "";
    this.put(drawn);
    document.title = [row.dataset.name, document.title.split(" · ").at(-1)].join(" · ");
    // What asks again for the listing asks from where we are now.
    const listing = this.host.querySelector<HTMLElement>("#listing");
    listing?.setAttribute("hx-get", location.pathname + location.search);
    if (listing) htmx.process(listing);
    drawn.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  }

  private put(drawn: HTMLElement): void {
    drawn.tabIndex = -1;
    this.host.classList.add("split", "files-open");
    if (this.preview) this.preview.replaceWith(drawn);
    else this.host.append(drawn);
  }
}

async function fetched(url: string, signal: AbortSignal): Promise<HTMLElement | null> {
  const headers = { "HX-Request": "true", "HX-Target": "preview" };
  const answer = await fetch(url, { headers, signal }).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return null;
  const drawn = document.createElement("template");
  drawn.innerHTML = await answer.text().catch(() => "");
  return drawn.content.querySelector("#preview");
}

/** The folder, where the path ended, becomes a link; what it ends with comes behind. */
function lengthenPath(): void {
  const here = heading();
  const item = here?.closest("li");
  if (!here || !item) return;
  const last = item.cloneNode(true) as HTMLElement;
  const name = last.querySelector("h1");
  name?.removeAttribute("class");
  if (name) name.textContent = "…";
  item.after(last);
  const link = document.createElement("a");
  link.href = location.pathname;
  link.className = here.className;
  link.textContent = here.textContent;
  here.replaceWith(link);
}

function heading(): HTMLElement | null {
  return document.querySelector(".breadcrumb h1[aria-current]");
}

function linkOf(row: HTMLTableRowElement): HTMLAnchorElement | null {
  return row.querySelector<HTMLAnchorElement>(".name a");
}

function isHeld(event: KeyboardEvent): boolean {
  return event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
}
