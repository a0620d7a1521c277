// Files as a person gives them: picked, picked as a folder, or dropped as a tree.
import type { Given } from "./early";
import type { Source } from "./item";

// More would fill the browser's memory with handles that nobody resumes by.
const HANDLES = 20;

type Pickers = { showOpenFilePicker?(options: object): Promise<FileSystemFileHandle[]> };
type Dropped = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };

export function fromInput(input: HTMLInputElement): Source[] {
  const files = [...(input.files ?? [])];
  input.value = "";
  return files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

export const canPick = "showOpenFilePicker" in window;

/** With handles, by which they can be opened again after a reload; none if called off. */
export async function pick(): Promise<Source[]> {
  try {
    const handles = await (window as Pickers).showOpenFilePicker?.({ multiple: true });
    return await Promise.all((handles ?? []).map(fromHandle));
  } catch {
    return [];
  }
}

export async function fromHandle(handle: FileSystemFileHandle): Promise<Source> {
  const file = await handle.getFile();
  return { path: file.name, file, handle };
}

/** Everything below what was dropped. `told`: how many files were found so far. */
export async function fromDrop(
  transfer: DataTransfer,
  told: (count: number) => void,
): Promise<Source[]> {
  // All that the transfer knows must be taken before the first pause.
  const items = [...transfer.items].filter((item) => item.kind === "file") as Dropped[];
  const given = items.map((item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
    handle: items.length > HANDLES ? undefined : item.getAsFileSystemHandle?.(),
  }));
  return fromGiven(given, told);
}

type Handled = Given & { handle?: Promise<FileSystemHandle | null> | undefined };

export async function fromGiven(
  given: Handled[],
  told: (count: number) => void,
): Promise<Source[]> {
  const found: Source[] = [];
  for (const { entry, file, handle } of given) {
    if (entry?.isDirectory) await collect(entry as FileSystemDirectoryEntry, "", found, told);
    else if (file) found.push({ path: file.name, file, ...(await opened(handle)) });
  }
  return found;
}

async function opened(
  asked: Promise<FileSystemHandle | null> | undefined,
): Promise<{ handle?: FileSystemFileHandle }> {
  const handle = await asked?.catch(() => null);
  return handle?.kind === "file" ? { handle: handle as FileSystemFileHandle } : {};
}

/** A folder; of each lot that the browser tells of, the files are opened at once. */
async function collect(
  folder: FileSystemDirectoryEntry,
  above: string,
  found: Source[],
  told: (count: number) => void,
): Promise<void> {
  const path = `${above}${folder.name}/`;
  const reader = folder.createReader();
  told(found.length);
  for (let some = await readSome(reader); some.length; some = await readSome(reader)) {
    const files = some.filter((one) => one.isFile) as FileSystemFileEntry[];
    const opened = await Promise.all(files.map(fileOf));
    for (const file of opened) found.push({ path: `${path}${file.name}`, file });
    told(found.length);
    for (const one of some) {
      if (one.isDirectory) await collect(one as FileSystemDirectoryEntry, path, found, told);
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function readSome(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
