const GAP = 4;
const EDGE = 8;

/** Puts a popover at the button that opened it, wherever there is room. */
export function placeAt(list: HTMLElement, button: HTMLElement): void {
  const from = button.getBoundingClientRect();
  list.style.margin = "0";
  list.style.inset = "auto";
  const { offsetWidth: width, offsetHeight: height } = list;
  const fitsBelow = from.bottom + GAP + height <= innerHeight - EDGE;
  const top = fitsBelow ? from.bottom + GAP : Math.max(EDGE, from.top - GAP - height);
  const isIcon = button.classList.contains("button-icon");
  const fitsRight = !isIcon && from.left + width <= innerWidth - EDGE;
  const left = fitsRight ? from.left : Math.max(EDGE, from.right - width);
  list.style.top = `${top}px`;
  list.style.left = `${left}px`;
  list.style.minWidth = `${Math.max(from.width, list.offsetWidth)}px`;
}
