// <hexa-editor unsaved="…" left="…"> around a form with a textarea: keys, and no lost text.
//
// What is typed stays in this tab until it is saved: a reload, a sign-out, an Escape too
// many do not lose it. It remembers what it is based on, so a save by others is noticed.
import htmx from "htmx.org";
import type { Toasts } from "../toasts/index";

interface Draft {
  text: string;
  basedOn: string;
}

class Editor extends HTMLElement {
  private readonly form = this.one<HTMLFormElement>("form");
  private readonly field = this.one<HTMLTextAreaElement>("textarea");
  private readonly basedOn = this.one<HTMLInputElement>("input[name=based_on]");
  private readonly savedOn = this.basedOn.value;
  private readonly key = `hexa-draft:${this.form.getAttribute("action")}`;

  connectedCallback(): void {
    this.field.addEventListener("input", this.typed);
    this.addEventListener("keydown", this.pressed);
    this.addEventListener("click", this.clicked);
    this.addEventListener("htmx:beforeOnLoad", this.answered);
    addEventListener("beforeunload", this.leaving);
    this.takeUp();
    this.field.focus({ preventScroll: true });
    this.show();
  }

  disconnectedCallback(): void {
    removeEventListener("beforeunload", this.leaving);
    // Read again, the page is left as it was found; another editor takes the focus itself.
    if (!document.querySelector("hexa-editor")) {
      document.querySelector<HTMLElement>("[data-edit]")?.focus();
    }
  }

  /** Whether something is here that the server does not have. */
  private get isUnsaved(): boolean {
    return this.dataset.unsaved !== undefined || this.field.value !== this.field.defaultValue;
  }

  /** Goes on with what this tab still holds, or with what was typed before we were here. */
  private takeUp(): void {
    const kept = sessionStorage.getItem(this.key);
    if (!kept || this.dataset.unsaved !== undefined) {
      if (this.isUnsaved) this.keep();
      return;
    }
    const { text, basedOn } = JSON.parse(kept) as Draft;
    if (text === this.field.value) {
      this.forget();
      return;
    }
    this.field.value = text;
    this.basedOn.value = basedOn;
    this.one("[data-draft]").hidden = false;
    htmx.process(this); // else the preview does not listen yet
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private readonly typed = (): void => {
    if (this.isUnsaved) this.keep();
    else this.forget();
    this.show();
  };

  private keep(): void {
    const draft: Draft = { text: this.field.value, basedOn: this.basedOn.value };
    sessionStorage.setItem(this.key, JSON.stringify(draft));
  }

  private show(): void {
    const words = this.isUnsaved ? (this.getAttribute("unsaved") ?? "") : "";
    const state = this.one("[data-state]");
    if (state.textContent !== words) state.textContent = words;
  }

  private readonly pressed = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.form.requestSubmit(this.one("[data-save]"));
    } else if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      this.one("[data-cancel]").click();
    }
  };

  private readonly clicked = (event: Event): void => {
    const target = event.target instanceof Element ? event.target : undefined;
    if (target?.closest("[data-cancel]") && this.isUnsaved) {
      document.querySelector<Toasts>("hexa-toasts")?.tell(this.getAttribute("left") ?? "");
    }
    if (!target?.closest("[data-drop]")) return;
    this.field.value = this.field.defaultValue;
    this.basedOn.value = this.savedOn;
    this.one("[data-draft]").hidden = true;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.field.focus();
  };

  /** After a save the answer comes from another address: that of the page itself. */
  private readonly answered = (event: Event): void => {
    const { xhr, requestConfig } = (event as CustomEvent).detail;
    const isSave = requestConfig.elt === this.form && requestConfig.verb === "post";
    if (isSave && xhr.status === 200 && new URL(xhr.responseURL).pathname !== requestConfig.path)
      this.forget();
  };

  private forget(): void {
    sessionStorage.removeItem(this.key);
  }

  private readonly leaving = (event: BeforeUnloadEvent): void => {
    if (this.isUnsaved) event.preventDefault();
  };

  private one<Found extends HTMLElement>(selector: string): Found {
    const found = this.querySelector<Found>(selector);
    if (!found) throw new Error(`hexa-editor lacks its ${selector}.`);
    return found;
  }
}

customElements.define("hexa-editor", Editor);
