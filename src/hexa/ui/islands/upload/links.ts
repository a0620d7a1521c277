// Where the parts of one file go. The first links come with the ticket. On a fast line the links of those that follow are asked
// for together with the one that is wanted: each question costs the platform ten times what
// a link does.
import { postJson } from "../requests";
import type { Desk } from "./desk";
import type { Item } from "./item";
import { LINK_LIFE_MS, type Link, type PartLink, type Parts } from "./protocol";

// As many as were sent in this time are sent in it again, long before their links are over.
const LATELY_MS = 5000;
const MOST_AHEAD = 15;

interface Coming {
  link: Promise<Link>;
  askedAt: number;
}

export class Links {
  private readonly coming = new Map<number, Coming>();
  private sentAt: number[] = [];

  /** `left` are the parts that nobody has begun to send, in their order; `first` came just now. */
  constructor(
    private readonly item: Item,
    private readonly ticket: Parts,
    private readonly desk: Desk,
    private readonly left: readonly number[],
    first: Parts["first"],
  ) {
    const askedAt = Date.now();
    for (const [number, link] of first) {
      this.coming.set(number, { link: Promise.resolve(link), askedAt });
    }
  }

  /** One that was not given before. */
  to(number: number): Promise<Link> {
    const found = this.coming.get(number);
    this.coming.delete(number);
    const isFresh = found && Date.now() - found.askedAt < LINK_LIFE_MS / 2;
    return isFresh ? found.link : this.ask(number);
  }

  sent(): void {
    this.sentAt.push(Date.now());
  }

  private ask(number: number): Promise<Link> {
    const ahead = this.next();
    const told = { upload: this.ticket.upload, number, sent: this.item.arrivedBytes, ahead };
    const { patience } = this.desk.line;
    const asked = patience.ask(this.item.ear(number), this.item.stop.signal, (signal) =>
      postJson<PartLink>(this.desk.addresses.part, told, signal),
    );
    const askedAt = Date.now();
    ahead.forEach((one, index) => {
      const link = asked.then((answer) => answer.ahead[index] ?? Promise.reject(new TypeError()));
      link.catch(() => {}); // who wants it hears of it
      this.coming.set(one, { link, askedAt });
    });
    return asked;
  }

  private next(): number[] {
    const since = Date.now() - LATELY_MS;
    this.sentAt = this.sentAt.filter((at) => at > since);
    const isThere = new Set(this.ticket.stored.map(([number]) => number));
    return this.left
      .filter((number) => !isThere.has(number) && !this.coming.has(number))
      .slice(0, Math.min(this.sentAt.length, MOST_AHEAD));
  }
}
