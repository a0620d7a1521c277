// Sums of bytes, made by workers.
const WORKERS = 2;

/** The file is not what it was when it was chosen, or cannot be read any more. */
export class Unreadable extends Error {}

export class Digest {
  private workers: (Worker | undefined)[] = [];
  private readonly waiting = new Map<number, (hex: string | undefined) => void>();
  private count = 0;

  constructor(
    private readonly program: string,
    private readonly unreadable: string,
  ) {}

  /** MD5 in hexadecimal. Raises Unreadable. */
  async of(bytes: Blob): Promise<string> {
    const id = this.count++;
    const hex = await new Promise<string | undefined>((resolve) => {
      this.waiting.set(id, resolve);
      this.worker(id).postMessage({ id, bytes });
    });
    if (hex === undefined) throw new Unreadable(this.unreadable);
    return hex;
  }

  /** What a store calls a file that was sent in parts of this size: the sum of sums. */
  async ofParts(bytes: Blob, partSize: number): Promise<string> {
    const sums: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.size; at += partSize) {
      sums.push(inBytes(await this.of(bytes.slice(at, at + partSize))));
    }
    return `${await this.of(new Blob(sums))}-${sums.length}`;
  }

  private worker(id: number): Worker {
    const at = id % WORKERS;
    let worker = this.workers[at];
    if (!worker) {
      worker = new Worker(this.program, { type: "module" });
      worker.addEventListener("message", (event: MessageEvent<{ id: number; hex?: string }>) => {
        this.waiting.get(event.data.id)?.(event.data.hex);
        this.waiting.delete(event.data.id);
      });
      // It could not be loaded, or is broken: what waits for it is not read.
      worker.addEventListener("error", () => {
        for (const [waiting, told] of this.waiting) if (waiting % WORKERS === at) told(undefined);
        this.workers[at] = undefined;
      });
      this.workers[at] = worker;
    }
    return worker;
  }

  end(): void {
    for (const worker of this.workers) worker?.terminate();
    this.workers = [];
  }
}

/** As the header Content-MD5 has it. */
export function inBase64(hex: string): string {
  return btoa(String.fromCharCode(...inBytes(hex)));
}

function inBytes(hex: string): Uint8Array<ArrayBuffer> {
  const pairs = hex.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
