// <hexa-copy text="…" copied="Copied" failed="…"><button>…</button></hexa-copy>
const SHOWN_MS = 1600;

class Copy extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", this.copy);
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.copy);
  }

  private readonly copy = async (): Promise<void> => {
    const isCopied = await navigator.clipboard.writeText(this.getAttribute("text") ?? "").then(
      () => true,
      () => false, // the browser refused, or the page is not served securely
    );
    this.say(this.getAttribute(isCopied ? "copied" : "failed") ?? "");
    this.toggleAttribute("data-copied", isCopied);
    setTimeout(() => {
      this.removeAttribute("data-copied");
      this.say("");
    }, SHOWN_MS);
  };

  private say(words: string): void {
    let note = this.querySelector<HTMLElement>(".copy-note");
    if (!note) {
      note = document.createElement("span");
      note.className = "copy-note";
      note.setAttribute("role", "status");
      this.append(note);
    }
    note.textContent = words;
  }
}

customElements.define("hexa-copy", Copy);
