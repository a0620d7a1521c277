// <hexa-menu><button popovertarget="x">…</button><div id="x" popover>…</div></hexa-menu>
// The popover opens without us; we place it at its button and add the arrow keys.
import { placeAt } from "./place";

class Menu extends HTMLElement {
  connectedCallback(): void {
    this.list?.addEventListener("beforetoggle", this.toggled);
    this.addEventListener("keydown", this.pressed);
  }

  disconnectedCallback(): void {
    this.list?.removeEventListener("beforetoggle", this.toggled);
    this.removeEventListener("keydown", this.pressed);
  }

  private get list(): HTMLElement | null {
    return this.querySelector<HTMLElement>(":scope > [popover]");
  }

  private get button(): HTMLElement | null {
    return this.querySelector<HTMLElement>(":scope > [popovertarget]");
  }

  private get items(): HTMLElement[] {
    return [...(this.list?.querySelectorAll<HTMLElement>(".menu-item:not(:disabled)") ?? [])];
  }

  private readonly toggled = (event: Event): void => {
    if (!(event instanceof ToggleEvent)) return;
    this.button?.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "open") requestAnimationFrame(() => this.place());
  };

  private place(): void {
    if (this.list && this.button) placeAt(this.list, this.button);
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    const { items } = this;
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? items.length - 1 : at - 1 + items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (next === undefined || items.length === 0) return;
    event.preventDefault();
    if (!this.list?.matches(":popover-open")) this.list?.showPopover();
    items[next % items.length]?.focus();
  };
}

customElements.define("hexa-menu", Menu);
