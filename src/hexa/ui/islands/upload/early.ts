// A program of its own, of a few lines, that a page which takes files loads before all
// else: until the island is there, what is dropped is kept for it. The browser would open
// the file in place of the page.
export interface Given {
  entry: FileSystemEntry | null;
  file: File | null;
}

declare global {
  interface Window {
    hexaDropped?: Given[];
  }
}

function isOurs(event: DragEvent): boolean {
  const isEarly = !customElements.get("hexa-upload");
  return isEarly && Boolean(event.dataTransfer?.types.includes("Files"));
}

document.addEventListener("dragover", (event) => {
  if (isOurs(event)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (!isOurs(event)) return;
  event.preventDefault();
  for (const item of event.dataTransfer?.items ?? []) {
    if (item.kind !== "file") continue;
    const given = { entry: item.webkitGetAsEntry(), file: item.getAsFile() };
    window.hexaDropped = [...(window.hexaDropped ?? []), given];
  }
});
