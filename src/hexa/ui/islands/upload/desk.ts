// What those who send one file, or many small ones, find at hand.
import { postJson } from "../requests";
import { Digest } from "./digest";
import * as handles from "./handles";
import type { Item } from "./item";
import { Altered, Full, Line, NameTaken, NotAccepted, Stale } from "./line";
import type { Addresses, Choice, Offer, Taken } from "./protocol";
import type { Words } from "./words";

export type Ask = (item: Item, there: Taken) => Promise<Choice | undefined>;

export class Desk {
  readonly line = new Line();
  readonly digest: Digest;
  readonly handles = handles;

  constructor(
    readonly addresses: Addresses,
    readonly words: Words,
    program: string,
    private readonly ask: Ask,
    private readonly back: (item: Item) => void,
  ) {
    this.digest = new Digest(program, words.unreadable);
  }

  async offers(items: Item[], signal?: AbortSignal): Promise<Offer[]> {
    const wishes = items.map(({ name, size, file, choice }) => ({
      name,
      size,
      modified: file.lastModified,
      type: file.type,
      ...choice,
    }));
    return (await postJson<{ files: Offer[] }>(this.addresses.offer, { wishes }, signal)).files;
  }

  /** A name that is taken, or refused. The same bytes under it need nothing. */
  async take(item: Item, offer: Offer): Promise<void> {
    if (offer.how === "refused") return item.fail(new Error(offer.message));
    if (offer.how !== "taken") return;
    if (await this.isSame(item, offer)) {
      item.key = offer.key;
      item.storedSize = offer.size;
      return item.become("same");
    }
    // Others go on meanwhile.
    void this.choose(item, offer).then((choice) => {
      if (item.isOver) return;
      if (!choice) return item.become("skipped");
      item.choice = choice;
      this.back(item);
    });
  }

  private async isSame(item: Item, there: Taken): Promise<boolean> {
    if (there.size !== item.size) return false;
    item.become("checking");
    const isParted = there.etag.includes("-");
    const sum = isParted
      ? await this.digest.ofParts(item.file, there.part_size)
      : await this.digest.of(item.file);
    return sum === there.etag;
  }

  async choose(item: Item, there: Taken): Promise<Choice | undefined> {
    item.become("asking");
    return this.ask(item, there);
  }

  /** The store keeps nothing of what had arrived. */
  async abandon(item: Item, state: "skipped" | "cancelled"): Promise<void> {
    const upload = item.ticket?.upload ?? item.source.upload;
    if (item.state !== state) item.become(state);
    if (!upload) return;
    void handles.drop(upload);
    // What is left is thrown away in any case, only later.
    await postJson(this.addresses.cancel, { upload }).catch(() => undefined);
  }

  failed(item: Item, error: unknown): void {
    // Paused or cancelled: its state says which.
    if (!item.stop.signal.aborted) item.fail(this.inWords(error));
  }

  private inWords(error: unknown): unknown {
    const { words } = this;
    for (const [kind, said] of [
      [Full, words.full],
      [Altered, words.altered],
      [Stale, words.expired],
      [NameTaken, words.taken],
      [NotAccepted, words.not_accepted],
    ] as const) {
      if (error instanceof kind) return new Error(said);
    }
    return error;
  }
}
