// One menu of verbs and one of addresses for all rows: filled in when they open.
import { placeAt } from "../menu/place";

export function openVerbs(button: HTMLElement, row: HTMLTableRowElement, versions: string): void {
  const menu = document.querySelector<HTMLElement>("#row-verbs");
  if (!menu) return;
  const { key = "", name = "" } = row.dataset;
  const path = menu.querySelector<HTMLInputElement>("input[name=path]");
  if (path) path.value = key;
  const heading = menu.querySelector<HTMLElement>("[data-of]");
  if (heading) heading.textContent = name;
  const link = menu.querySelector<HTMLAnchorElement>("[data-versions]");
  if (link) {
    link.hidden = key.endsWith("/");
    link.href = versions + key.split("/").map(encodeURIComponent).join("/");
  }
  open(menu, button);
  menu.querySelector<HTMLElement>(".menu-item")?.focus();
}

/** The addresses of a file come from the server, which alone knows how they are written. */
export async function openNaming(button: HTMLElement): Promise<void> {
  const menu = document.querySelector<HTMLElement>("#naming");
  const list = menu?.querySelector<HTMLElement>("#copy-menu");
  if (!menu || !list) return;
  open(menu, button);
  const headers = { "HX-Request": "true", "HX-Target": "copy-menu" };
  const answer = await fetch(button.dataset.naming ?? "", { headers }).catch(() => undefined);
  if (!answer?.ok) {
    list.textContent = document.body.dataset.failed ?? "";
    return;
  }
  const drawn = document.createElement("template");
  drawn.innerHTML = await answer.text();
  list.replaceChildren(...(drawn.content.querySelector("#copy-menu")?.childNodes ?? []));
  placeAt(menu, button);
  list.querySelector<HTMLElement>("button")?.focus();
}

/** Opens the dialog of the page, filled in; false where files are only read. */
export function rename(row: HTMLTableRowElement): boolean {
  const dialog = document.querySelector<HTMLDialogElement>("#rename");
  const form = dialog?.querySelector("form");
  if (!dialog || !form) return false;
  const { key = "", name = "", etag = "" } = row.dataset;
  const field = form.elements.namedItem("name") as HTMLInputElement;
  field.value = name;
  (form.elements.namedItem("path") as HTMLInputElement).value = key;
  (form.elements.namedItem("etag") as HTMLInputElement).value = etag;
  document.querySelector<HTMLElement>("#row-verbs")?.hidePopover();
  dialog.showModal();
  field.focus();
  const dot = name.lastIndexOf(".");
  field.setSelectionRange(0, dot > 0 && !key.endsWith("/") ? dot : name.length);
  return true;
}

function open(menu: HTMLElement, button: HTMLElement): void {
  if (!menu.dataset.keys) {
    menu.dataset.keys = "on";
    menu.addEventListener("keydown", (event) => walk(menu, event));
  }
  menu.addEventListener(
    "toggle",
    () => {
      if (!menu.matches(":popover-open") && menu.contains(document.activeElement)) button.focus();
    },
    { once: true },
  );
  menu.showPopover();
  placeAt(menu, button);
}

function walk(menu: HTMLElement, event: KeyboardEvent): void {
  const items = [...menu.querySelectorAll<HTMLElement>("a:not([hidden]), button")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: -1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items.at(next % items.length || (next === -1 ? -1 : 0))?.focus();
}
