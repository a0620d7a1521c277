// <hexa-palette src="/palette/" here="slug" icons="…" none="…" failed="…">: what Ctrl-K
// opens. The frame holds its dialog; hits come as JSON described in ui/palette.py.

interface Hit {
  name: string;
  detail: string;
  icon: string;
  url: string;
}

interface Answer {
  groups: { name: string; hits: Hit[] }[];
}

const PAUSE_MS = 120;

export class Palette extends HTMLElement {
  private timer = 0;
  private asked: AbortController | undefined;

  /** The dialog was just opened; something may have been typed already. */
  opened(): void {
    void this.search();
  }

  connectedCallback(): void {
    this.input.addEventListener("input", this.typed);
    this.input.addEventListener("keydown", this.pressed);
  }

  disconnectedCallback(): void {
    this.input.removeEventListener("input", this.typed);
    this.input.removeEventListener("keydown", this.pressed);
    this.asked?.abort();
  }

  private get input(): HTMLInputElement {
    return this.need("input");
  }

  private get list(): HTMLElement {
    return this.need(".palette-hits");
  }

  private need<E extends Element>(selector: string): E {
    const found = this.querySelector<E>(selector);
    if (!found) throw new Error(`The palette has no ${selector}.`);
    return found;
  }

  private readonly typed = (): void => {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.search(), PAUSE_MS);
  };

  private async search(): Promise<void> {
    this.asked?.abort();
    this.asked = new AbortController();
    const url = new URL(this.getAttribute("src") ?? "", location.href);
    url.searchParams.set("q", this.input.value);
    url.searchParams.set("here", this.getAttribute("here") ?? "");
    try {
      const response = await fetch(url, {
        headers: { Accept: "application/json" },
        signal: this.asked.signal,
      });
      if (!response.ok) throw new Error(`The search answered ${response.status}.`);
      this.show((await response.json()) as Answer);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.note(this.getAttribute("failed") ?? "");
    }
  }

  private show({ groups }: Answer): void {
    this.list.replaceChildren(...groups.map((group, at) => this.group(group.name, group.hits, at)));
    this.pick(0);
    this.note(groups.length ? "" : (this.getAttribute("none") ?? ""));
  }

  private group(name: string, hits: Hit[], at: number): HTMLElement {
    const box = document.createElement("div");
    const heading = document.createElement("div");
    box.setAttribute("role", "group");
    box.setAttribute("aria-labelledby", `palette-group-${at}`);
    heading.id = `palette-group-${at}`;
    heading.className = "palette-group";
    heading.textContent = name;
    box.append(heading, ...hits.map((hit, index) => this.hit(hit, `palette-hit-${at}-${index}`)));
    return box;
  }

  private hit(hit: Hit, id: string): HTMLElement {
    const link = document.createElement("a");
    link.className = "palette-hit";
    link.id = id;
    link.href = hit.url;
    link.tabIndex = -1;
    link.setAttribute("role", "option");
    const name = document.createElement("span");
    name.className = "clip";
    name.textContent = hit.name;
    link.append(this.icon(hit.icon), name);
    if (hit.detail) {
      const detail = document.createElement("small");
      detail.textContent = hit.detail;
      link.append(detail);
    }
    return link;
  }

  private icon(name: string): SVGElement {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${this.getAttribute("icons")}#${name}`);
    svg.append(use);
    return svg;
  }

  private note(words: string): void {
    this.need<HTMLElement>(".palette-note").textContent = words;
  }

  private get hits(): HTMLAnchorElement[] {
    return [...this.list.querySelectorAll<HTMLAnchorElement>(".palette-hit")];
  }

  private pick(index: number): void {
    const { hits } = this;
    const picked = hits[(index + hits.length) % Math.max(1, hits.length)];
    for (const hit of hits) hit.setAttribute("aria-selected", String(hit === picked));
    picked?.scrollIntoView({ block: "nearest" });
    if (picked) this.input.setAttribute("aria-activedescendant", picked.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    const at = this.hits.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") this.pick(at + 1);
    else if (event.key === "ArrowUp") this.pick(at - 1);
    else if (event.key === "Enter") this.hits[at]?.click();
    else return;
    event.preventDefault();
  };
}

customElements.define("hexa-palette", Palette);
