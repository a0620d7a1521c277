// <hexa-shortcuts>: keys that work anywhere. Letters are left alone while one types.
import type { Palette } from "../palette/index";

const CHORD_MS = 1200;

class Shortcuts extends HTMLElement {
  private chordUntil = 0;

  connectedCallback(): void {
    document.addEventListener("keydown", this.pressed);
    document.addEventListener("click", this.clicked);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.pressed);
    document.removeEventListener("click", this.clicked);
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      void openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (this.act(event.key)) event.preventDefault();
  };

  private act(key: string): boolean {
    if (Date.now() < this.chordUntil) {
      this.chordUntil = 0;
      return go(key);
    }
    if (key === "g") this.chordUntil = Date.now() + CHORD_MS;
    if (key === "/") return focusSearch();
    if (key === "Escape") return close();
    if (key === "?") this.querySelector("dialog")?.showModal();
    return key === "?";
  }

  private readonly clicked = (event: Event): void => {
    if (event.target instanceof Element && event.target.closest("[data-palette]")) {
      void openPalette();
    }
  };
}

function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector("dialog:modal")) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select"))
  );
}

function go(key: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(`a[data-go="${CSS.escape(key)}"]`);
  link?.click();
  return link !== null;
}

/** What stands beside the page, unless a menu is open, which closes first. */
function close(): boolean {
  if (document.querySelector(":popover-open")) return false;
  const link = document.querySelector<HTMLAnchorElement>("a[data-close]");
  link?.click();
  return link !== null;
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("main input[type=search]");
  field?.focus();
  field?.select();
  return field !== null;
}

async function openPalette(): Promise<void> {
  const palette = document.querySelector<Palette>("hexa-palette");
  const dialog = palette?.querySelector("dialog");
  if (!palette || !dialog || dialog.open) return;
  dialog.showModal(); // at once: what is typed while the rest loads belongs there
  palette.querySelector("input")?.select();
  await import("../palette/index");
  palette.opened();
}

customElements.define("hexa-shortcuts", Shortcuts);
