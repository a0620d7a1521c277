// <hexa-files versions="…/versions/s3:b/" one="1 chosen" many="{count} chosen">: the rows
// of a listing chosen by mouse and keys, as in a file manager. Everything here ends in the
// forms of the page, which work without it: ticks are checkboxes of the form `selection`.
import { openNaming, openVerbs, rename } from "./menus";
import { Opening } from "./opening";

const NEXT: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

class Files extends HTMLElement {
  private anchor = ""; // the key of the row from which Shift chooses
  private observer: MutationObserver | undefined;
  private readonly opening = new Opening(this);

  connectedCallback(): void {
    this.addEventListener("keydown", this.pressed);
    this.addEventListener("click", this.clicked);
    this.addEventListener("change", this.changed);
    this.addEventListener("focusin", this.focused);
    document.addEventListener("click", this.clickedAnywhere);
    document.addEventListener("keydown", this.pressedAnywhere);
    addEventListener("popstate", this.went);
    this.form?.addEventListener("submit", this.submitted);
    // The listing is drawn anew after an upload; its rows then need their roles again.
    this.observer = new MutationObserver(() => this.prepare());
    this.observer.observe(this, { childList: true });
    this.prepare();
  }

  disconnectedCallback(): void {
    this.observer?.disconnect();
    document.removeEventListener("click", this.clickedAnywhere);
    document.removeEventListener("keydown", this.pressedAnywhere);
    removeEventListener("popstate", this.went);
    this.form?.removeEventListener("submit", this.submitted);
  }

  private get form(): HTMLFormElement | null {
    return document.querySelector<HTMLFormElement>("#selection");
  }

  private get rows(): HTMLTableRowElement[] {
    return [...this.querySelectorAll<HTMLTableRowElement>("tr[data-key]")];
  }

  private get chosen(): HTMLTableRowElement[] {
    return this.rows.filter((row) => tick(row)?.checked);
  }

  private prepare(): void {
    const table = this.querySelector("#listing table");
    table?.setAttribute("role", "grid");
    table?.setAttribute("aria-multiselectable", "true");
    // The rows take the keys; the box around them need not be a stop of its own.
    table?.parentElement?.removeAttribute("tabindex");
    this.opening.mark(this.rows);
    const current = this.rows.find((row) => row.ariaCurrent) ?? this.rows[0];
    for (const row of this.rows) {
      row.tabIndex = row === current ? 0 : -1;
      this.equip(row);
    }
    this.show();
  }

  // Buttons that do nothing without us, and are the same in each row, are not sent fifty
  // times: the page holds one template of them.
  private equip(row: HTMLTableRowElement): void {
    const cell = row.querySelector(".verbs");
    const verbs = this.querySelector<HTMLTemplateElement>("[data-verbs-of-a-row]");
    if (!verbs || !cell || cell.childElementCount > 0) return;
    cell.append(verbs.content.cloneNode(true));
    for (const button of cell.querySelectorAll("button")) {
      button.ariaLabel = button.title = button.title.replace(
        "{name}",
        () => row.dataset.name ?? "",
      );
      if ("naming" in button.dataset) button.dataset.naming = row.querySelector("a")?.href;
    }
  }

  private show(): void {
    for (const row of this.rows) {
      row.setAttribute("aria-selected", String(tick(row)?.checked ?? false));
    }
    const count = this.chosen.length;
    const all = this.querySelector<HTMLInputElement>("[data-all]");
    if (all) {
      all.checked = count > 0 && count === this.rows.length;
      all.indeterminate = count > 0 && !all.checked;
    }
    const words = this.getAttribute(count === 1 ? "one" : "many") ?? "";
    const said = this.form?.querySelector<HTMLElement>("[data-count]");
    if (said) said.textContent = count ? words.replace("{count}", String(count)) : "";
    this.form?.toggleAttribute("data-chosen", count > 0);
  }

  private choose(keep: (row: HTMLTableRowElement, at: number) => boolean): void {
    this.rows.forEach((row, at) => {
      const box = tick(row);
      if (box) box.checked = keep(row, at);
    });
    this.show();
  }

  private chooseFromAnchor(to: HTMLTableRowElement): void {
    const { rows } = this;
    const from = rows.findIndex((row) => row.dataset.key === this.anchor);
    const ends = [Math.max(from, 0), rows.indexOf(to)].sort((a, b) => a - b);
    const [first = 0, last = 0] = ends;
    this.choose((_, at) => at >= first && at <= last);
  }

  private readonly focused = (event: FocusEvent): void => {
    const row = rowOf(event.target);
    if (!row) return;
    for (const one of this.rows) one.tabIndex = one === row ? 0 : -1;
  };

  private readonly changed = (event: Event): void => {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-all]")) this.choose(() => box.checked);
    else this.anchor = rowOf(box)?.dataset.key ?? "";
    this.show();
  };

  private readonly clicked = (event: MouseEvent): void => {
    const row = rowOf(event.target);
    const target = event.target as Element;
    const verbs = target.closest<HTMLElement>("[data-verbs]");
    if (row && verbs) openVerbs(verbs, row, this.getAttribute("versions") ?? "");
    else if (row && event.shiftKey) this.clickedWithShift(event, row);
    else if (row && this.opening.clicked(event, row)) return;
    // Other links, buttons and ticks do what they always do.
    else if (row && !target.closest("a, button, .files-tick")) this.clickedOn(event, row);
  };

  private clickedWithShift(event: MouseEvent, row: HTMLTableRowElement): void {
    event.preventDefault();
    getSelection()?.removeAllRanges(); // Shift marks text, too
    // A box that is clicked is turned once its click is over.
    setTimeout(() => this.chooseFromAnchor(row));
    row.focus();
  }

  private clickedOn(event: MouseEvent, row: HTMLTableRowElement): void {
    if (getSelection()?.toString()) return; // a name is being marked
    const isMore = event.ctrlKey || event.metaKey;
    this.anchor = row.dataset.key ?? "";
    this.choose((one) => (one === row ? !(isMore && ticked(one)) : isMore && ticked(one)));
    row.focus();
  }

  private readonly clickedAnywhere = (event: MouseEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    const naming = target?.closest<HTMLElement>("[data-naming]");
    if (naming) void openNaming(naming);
    if (target) this.opening.stepped(target, this.rows);
    if (target?.closest("[data-none]")) this.choose(() => false);
    if (target?.closest("[data-rename]")) {
      const key = document.querySelector<HTMLInputElement>("#row input[name=path]")?.value;
      const row = this.rows.find((one) => one.dataset.key === key);
      if (row) rename(row);
    }
  };

  private readonly pressedAnywhere = (event: KeyboardEvent): void => {
    if (this.opening.pressed(event, this.rows)) event.preventDefault();
  };

  private readonly went = (): void => this.opening.went(this.rows);

  // A zip to save leaves the page where it is: its form is free again at once.
  private readonly submitted = (event: SubmitEvent): void => {
    if (event.submitter?.hasAttribute("formaction")) return;
    setTimeout(() => this.form?.removeAttribute("aria-busy"), 1000);
  };

  private readonly pressed = (event: KeyboardEvent): void => {
    const row = rowOf(event.target);
    // Inside a row only its own keys: a link opens, a button acts, a box is ticked.
    if (!row || event.altKey) return;
    const isOnRow = event.target === row;
    const next = NEXT[event.key];
    if (next) this.walk(event, row, next);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) this.choose(() => true);
    else if (event.ctrlKey || event.metaKey || !this.act(event, row, isOnRow)) return;
    event.preventDefault();
  };

  private walk(
    event: KeyboardEvent,
    from: HTMLTableRowElement,
    next: (at: number, last: number) => number,
  ): void {
    const { rows } = this;
    const to = rows[next(rows.indexOf(from), rows.length - 1)];
    if (!to) return;
    if (event.shiftKey) {
      if (this.chosen.length === 0) this.anchor = from.dataset.key ?? "";
      this.chooseFromAnchor(to);
    }
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  }

  /** Whether the key was one of ours. */
  private act(event: KeyboardEvent, row: HTMLTableRowElement, isOnRow: boolean): boolean {
    if (event.key === "Escape" && this.chosen.length > 0) this.choose(() => false);
    else if (event.key === "F2") return rename(row);
    else if (event.key === "Delete") return this.delete(row);
    else if (event.key === "Enter" && isOnRow) row.querySelector("a")?.click();
    else if (event.key === " " && isOnRow) {
      this.anchor = row.dataset.key ?? "";
      this.choose((one) => (one === row ? !ticked(one) : ticked(one)));
    } else return false;
    return true;
  }

  private delete(row: HTMLTableRowElement): boolean {
    const button = this.form?.querySelector<HTMLButtonElement>("[data-delete]");
    if (!button) return false;
    if (this.chosen.length === 0) this.choose((one) => one === row);
    this.form?.requestSubmit(button);
    return true;
  }
}

function tick(row: HTMLTableRowElement): HTMLInputElement | null {
  return row.querySelector<HTMLInputElement>(".files-tick input");
}

function ticked(row: HTMLTableRowElement): boolean {
  return tick(row)?.checked ?? false;
}

function rowOf(target: EventTarget | null): HTMLTableRowElement | null {
  return target instanceof Element ? target.closest<HTMLTableRowElement>("tr[data-key]") : null;
}

customElements.define("hexa-files", Files);
