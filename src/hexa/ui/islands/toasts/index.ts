// <hexa-toasts id="toasts">: notices leave by themselves, save errors and while one is
// looked at. Answers that HTMX could not show anywhere appear here too.
const STAYS_MS = 6000;
const STAYS_WITH_UNDO_MS = 12000;
const LEAVES_MS = 160;

export class Toasts extends HTMLElement {
  private observer: MutationObserver | undefined;

  connectedCallback(): void {
    this.observer = new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) {
          if (node instanceof HTMLElement) this.arrive(node);
        }
      }
    });
    this.observer.observe(this, { childList: true });
    for (const toast of this.querySelectorAll<HTMLElement>(".toast")) this.arrive(toast);
    this.addEventListener("click", this.clicked);
    document.addEventListener("htmx:responseError", this.refused);
    document.addEventListener("htmx:sendError", this.unanswered);
  }

  disconnectedCallback(): void {
    this.observer?.disconnect();
    this.removeEventListener("click", this.clicked);
    document.removeEventListener("htmx:responseError", this.refused);
    document.removeEventListener("htmx:sendError", this.unanswered);
  }

  /** Shows an error made in the browser. It stays until it is closed. */
  complain(words: string): void {
    this.add(words, "bad");
  }

  /** Says what has happened in the browser, and leaves by itself. */
  tell(words: string): void {
    this.add(words, "busy");
  }

  private add(words: string, tone: "bad" | "busy"): void {
    const toast = document.createElement("div");
    toast.className = `toast toast-${tone}`;
    if (tone === "bad") toast.dataset.stays = "";
    toast.setAttribute("role", tone === "bad" ? "alert" : "status");
    const text = document.createElement("p");
    text.className = "toast-text";
    text.textContent = words;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button button-plain button-small";
    close.dataset.dismiss = "";
    close.textContent = document.body.dataset.dismissLabel ?? "×";
    toast.append(text, close);
    this.append(toast);
  }

  private arrive(toast: HTMLElement): void {
    if (toast.dataset.stays !== undefined) return;
    const stay = toast.querySelector("form") ? STAYS_WITH_UNDO_MS : STAYS_MS;
    const leave = (): void => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, STAYS_MS);
      else this.dismiss(toast);
    };
    setTimeout(leave, stay);
  }

  private dismiss(toast: HTMLElement): void {
    toast.dataset.leaving = "";
    setTimeout(() => toast.remove(), LEAVES_MS);
  }

  private readonly clicked = (event: Event): void => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-dismiss]")) return;
    const toast = event.target.closest<HTMLElement>(".toast");
    if (toast) this.dismiss(toast);
  };

  private readonly refused = (event: Event): void => {
    const xhr = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
    const isPlain = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
    this.complain(isPlain ? xhr.responseText : (document.body.dataset.failed ?? ""));
  };

  private readonly unanswered = (): void => this.complain(document.body.dataset.failed ?? "");
}

customElements.define("hexa-toasts", Toasts);
