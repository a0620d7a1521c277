// Uploads that another page, or another day, did not finish. The server lists them; here
// they are resumed by the file itself, or discarded.
import { postJson } from "../requests";
import * as handles from "./handles";
import type { Item, Source } from "./item";
import { bytesExactly } from "./pace";
import { fromHandle } from "./sources";
import { filled, type Words } from "./words";

export class Unfinished {
  private asked: HTMLElement | undefined;

  constructor(
    private readonly host: HTMLElement,
    private readonly picker: HTMLInputElement,
    private readonly words: Words,
    private readonly cancel: string,
    private readonly add: (source: Source) => void,
  ) {
    picker.addEventListener("change", () => {
      const [file] = picker.files ?? [];
      picker.value = "";
      if (file && this.asked) this.goOn(this.asked, { path: file.name, file });
    });
  }

  /** Whether this click, or form, was meant for one of them. */
  clicked(event: Event): boolean {
    const at = event.target instanceof Element ? event.target : undefined;
    const row = at?.closest<HTMLElement>("[data-unfinished]");
    if (!row || !this.host.contains(row) || !at?.closest("button")) return false;
    if (at.closest("[data-resume]")) void this.resume(row);
    else {
      event.preventDefault();
      void this.discard(row);
    }
    return true;
  }

  /** One that goes on is not unfinished any more. */
  going(item: Item): void {
    const upload = item.ticket?.upload;
    if (upload) this.remove(this.rowOf(upload));
  }

  private async resume(row: HTMLElement): Promise<void> {
    const handle = await handles.open(row.dataset.unfinished ?? "");
    if (handle) return this.goOn(row, await fromHandle(handle));
    this.asked = row;
    this.picker.click();
  }

  private goOn(row: HTMLElement, source: Source): void {
    const expected = Number(row.dataset.size);
    const note = row.querySelector("[role=alert]");
    if (source.file.size !== expected) {
      if (note)
        note.textContent = filled(this.words.not_the_file, { size: bytesExactly(expected) });
      return;
    }
    const { handle } = source;
    this.add({
      path: row.dataset.name ?? source.path,
      file: source.file,
      upload: row.dataset.unfinished ?? "",
      ...(handle && { handle }),
    });
    this.remove(row);
  }

  private async discard(row: HTMLElement): Promise<void> {
    const upload = row.dataset.unfinished ?? "";
    await postJson(this.cancel, { upload });
    void handles.drop(upload);
    this.remove(row);
  }

  private rowOf(upload: string): HTMLElement | undefined {
    const rows = this.host.querySelectorAll<HTMLElement>("[data-unfinished]");
    return [...rows].find((row) => row.dataset.unfinished === upload);
  }

  private remove(row: HTMLElement | undefined): void {
    const section = row?.closest<HTMLElement>(".upload-unfinished");
    row?.remove();
    if (section && !section.querySelector("[data-unfinished]")) section.remove();
  }
}
