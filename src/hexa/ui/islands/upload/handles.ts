// Files of this computer that the browser lets us open again after a reload, by upload.
// Where it has no such handles, the person chooses the file again.
const BASE = "hexa-uploads";
const SHELF = "handles";

export async function keep(upload: string, handle: FileSystemFileHandle): Promise<void> {
  await on("readwrite", (shelf) => shelf.put(handle, upload));
}

export async function drop(upload: string): Promise<void> {
  await on("readwrite", (shelf) => shelf.delete(upload));
}

/** The file, if it is there and the person agrees; to be called on a click. */
export async function open(upload: string): Promise<FileSystemFileHandle | undefined> {
  const handle = await on<FileSystemFileHandle>("readonly", (shelf) => shelf.get(upload));
  if (!handle) return undefined;
  const permission = handle as FileSystemFileHandle & {
    requestPermission(options: { mode: "read" }): Promise<PermissionState>;
  };
  const granted = await permission.requestPermission({ mode: "read" }).catch(() => "denied");
  return granted === "granted" ? handle : undefined;
}

/** Undefined where nothing may be kept, as in a private window. */
async function on<Found>(
  mode: IDBTransactionMode,
  act: (shelf: IDBObjectStore) => IDBRequest,
): Promise<Found | undefined> {
  try {
    const opening = indexedDB.open(BASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(SHELF);
    const base = await answer<IDBDatabase>(opening);
    const found = await answer<Found>(act(base.transaction(SHELF, mode).objectStore(SHELF)));
    base.close();
    return found;
  } catch {
    return undefined;
  }
}

function answer<Found>(request: IDBRequest): Promise<Found> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as Found);
    request.onerror = () => reject(request.error);
  });
}
