// The way of bytes: straight to the store, or through the platform where this browser
// cannot reach the store (a firewall, a proxy, no CORS).
import { pageHeaders, SignedOut } from "../requests";
import { inBase64 } from "./digest";
import type { Link } from "./protocol";
import { type Ear, Patience, Silent } from "./watch";

/** What arrived is not what was sent. */
export class Altered extends Error {}
/** The link ran out. */
export class Stale extends Error {}
/** Another file took the name in the meantime. */
export class NameTaken extends Error {}
/** No room, or no leave to take more. */
export class Full extends Error {}
/** The store does not want this at all. */
export class NotAccepted extends Error {}
/** The store, or what stands before it, has trouble. */
export class Down extends Error {}
/** No answer. */
export class Lost extends Error {}

const LOSSES_BORNE = 2;
const FULL = /<Code>(QuotaExceeded|InsufficientStorage|StorageFull|AccountProblem)/;

export class Line {
  readonly patience = new Patience();
  private isDirect = true;
  private hasWorked = false;
  private losses = 0;

  /** The etag of what was stored. Raises one of the above. */
  async put(link: Link, bytes: Blob, sum: string, signal: AbortSignal, ear: Ear): Promise<string> {
    const { patience } = this;
    const headers = { ...link.headers, "Content-MD5": inBase64(sum) };
    if (!this.isDirect) {
      return (
        (await put(link.through, { ...headers, ...pageHeaders() }, bytes, signal, ear, patience)) ||
        sum
      );
    }
    try {
      const etag = await put(link.url, headers, bytes, signal, ear, patience);
      this.hasWorked = true;
      return etag || sum;
    } catch (error) {
      if (error instanceof Lost || error instanceof Silent) this.lose();
      else if (!signal.aborted) this.hasWorked = true;
      throw error;
    }
  }

  /** The platform gave a link just now, and the store is not to be had: not by chance. */
  private lose(): void {
    this.losses += 1;
    if (!this.hasWorked && this.losses >= LOSSES_BORNE && navigator.onLine) this.isDirect = false;
  }
}

function put(
  url: string,
  headers: Record<string, string>,
  bytes: Blob,
  signal: AbortSignal,
  ear: Ear,
  patience: Patience,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much was sent
    const abort = (): void => request.abort();
    const watch = patience.watch(ear, abort);
    signal.addEventListener("abort", abort, { once: true });
    request.upload.onprogress = (event) => watch.heard(event.loaded);
    request.onloadend = () => {
      watch.stop();
      signal.removeEventListener("abort", abort);
    };
    request.onerror = () => reject(new Lost());
    request.onabort = () =>
      reject(watch.isSilent ? new Silent() : new DOMException("Stopped.", "AbortError"));
    request.onload = () => {
      watch.answered();
      const error = said(request.status, request.responseText);
      if (error) reject(error);
      else resolve((request.getResponseHeader("ETag") ?? "").replaceAll('"', ""));
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(bytes);
  });
}

const SAID: Record<number, new (words: string) => Error> = {
  401: SignedOut,
  403: Stale,
  409: NotAccepted,
  412: NameTaken,
  507: Full,
};

function said(status: number, answer: string): Error | undefined {
  if (status === 200) return undefined;
  const words = /<Message>([^<]*)/.exec(answer)?.[1] ?? `${status}`;
  if (FULL.test(answer)) return new Full(words);
  if (/<Code>(BadDigest|InvalidDigest|RequestTimeout)/.test(answer)) return new Altered(words);
  const Kind = SAID[status] ?? (status >= 500 || status === 429 ? Down : NotAccepted);
  return new Kind(words);
}
