// Dialogs open as popovers without JavaScript. With it, opening is modal: the rest of the
// page is out of reach, Escape closes, and the focus returns to where it was.

function targetOf(event: Event): [HTMLDialogElement, string] | undefined {
  const button =
    event.target instanceof Element ? event.target.closest("button[popovertarget]") : null;
  const dialog = document.getElementById(button?.getAttribute("popovertarget") ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return undefined;
  return [dialog, button?.getAttribute("popovertargetaction") ?? "toggle"];
}

document.addEventListener("click", (event) => {
  const [dialog, action] = targetOf(event) ?? [];
  if (!dialog) {
    if (event.target instanceof HTMLDialogElement) closeFromBackdrop(event.target, event);
    return;
  }
  event.preventDefault();
  if (dialog.open) dialog.close();
  else if (action !== "hide") dialog.showModal();
});

function closeFromBackdrop(dialog: HTMLDialogElement, event: MouseEvent): void {
  const box = dialog.getBoundingClientRect();
  const isInside =
    event.clientX >= box.left &&
    event.clientX <= box.right &&
    event.clientY >= box.top &&
    event.clientY <= box.bottom;
  const hasInput = dialog.querySelector("input:not([type=hidden]), textarea") !== null;
  // What was typed is not thrown away by a click beside the dialog.
  if (!isInside && (!hasInput || dialog.classList.contains("palette"))) dialog.close();
}
