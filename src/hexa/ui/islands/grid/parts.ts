// Pieces of HTML that the grid is made of.
export type Words = Record<string, string>;

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = "",
  text = "",
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function icon(sprite: string, name: string): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

export function button(
  words: string,
  act: () => void,
  className = "button button-small",
): HTMLButtonElement {
  const made = make("button", className);
  made.type = "button";
  made.append(make("span", "", words));
  made.addEventListener("click", act);
  return made;
}

export function menuItem(
  sprite: string,
  name: string,
  words: string,
  act: () => void,
): HTMLButtonElement {
  const made = make("button", "menu-item");
  made.type = "button";
  made.append(icon(sprite, name), make("span", "menu-text", words));
  made.addEventListener("click", act);
  return made;
}

/** Opens a popover below (or above) what it belongs to. */
export function openAt(list: HTMLElement, from: Element): void {
  const box = from.getBoundingClientRect();
  list.style.margin = "0";
  list.style.inset = "auto";
  list.showPopover();
  const left = Math.max(8, Math.min(box.left, innerWidth - list.offsetWidth - 8));
  const below = box.bottom + 4;
  const fits = below + list.offsetHeight <= innerHeight - 8;
  list.style.left = `${left}px`;
  list.style.top = `${fits ? below : Math.max(8, box.top - 4 - list.offsetHeight)}px`;
}
