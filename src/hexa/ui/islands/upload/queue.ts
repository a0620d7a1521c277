// Which file goes next. Large ones one after the other: on a slow line, one that arrives
// beats three halves. Small ones many at a time, so that they cost few round trips.
import { postJson } from "../requests";
import { type Ask, Desk } from "./desk";
import { insist } from "./insist";
import { Item, type Source, type State } from "./item";
import { sendInParts } from "./parts";
import type { Addresses, Offer, Parts, Whole } from "./protocol";
import { sendWhole } from "./whole";
import type { Words } from "./words";

const SMALL = 8 * 1024 * 1024;
const FILES_AT_ONCE = 100;
// As much as a slow line takes within the life of a link.
const BYTES_AT_ONCE = 4 * SMALL;
const NAMES_AT_ONCE = 2_000;

export interface Told {
  changed(item?: Item): void;
  stored(item: Item): void;
  idle(): void;
}

export class Queue {
  readonly items: Item[] = [];
  isHeld = false;
  readonly desk: Desk;
  private readonly waiting: Item[] = [];
  private isBusy = false;

  constructor(
    private readonly addresses: Addresses,
    words: Words,
    program: string,
    ask: Ask,
    private readonly told: Told,
  ) {
    this.desk = new Desk(addresses, words, program, ask, (item) => {
      item.again();
      this.waiting.unshift(item);
      void this.work();
    });
  }

  /** Names that cannot be, and why: asked before anything is sent. */
  async refused(sources: Source[]): Promise<Map<string, string>> {
    const refused = new Map<string, string>();
    const total = sources.reduce((sum, { file }) => sum + file.size, 0);
    for (let at = 0; at < sources.length; at += NAMES_AT_ONCE) {
      const names = sources.slice(at, at + NAMES_AT_ONCE).map(({ path }) => path);
      const answer = await postJson<{ refused: Record<string, string> }>(this.addresses.check, {
        names,
        total,
      });
      for (const [name, why] of Object.entries(answer.refused)) refused.set(name, why);
    }
    return refused;
  }

  add(sources: Source[]): void {
    if (this.items.every((item) => item.isOver)) this.dismiss();
    const underway = new Set(this.items.filter((one) => !one.isOver).map((one) => one.name));
    const added = sources
      .filter(({ path }) => !underway.has(path))
      .map((source) => new Item(source, (item) => this.changed(item)));
    for (const item of added) this.items.push(item);
    for (const item of added) this.waiting.push(item);
    this.told.changed();
    void this.work();
  }

  pauseAll(): void {
    this.isHeld = true;
    for (const item of this.items) item.pause();
    this.told.changed();
  }

  resumeAll(): void {
    this.isHeld = false;
    for (const item of this.items) if (item.state === "paused") this.enqueue(item);
    void this.work();
  }

  cancelAll(): void {
    for (const item of this.items) if (!item.isOver) void this.cancel(item);
  }

  resume(item: Item): void {
    this.enqueue(item);
    void this.work();
  }

  async cancel(item: Item): Promise<void> {
    item.cancel();
    await this.desk.abandon(item, "cancelled");
  }

  dismiss(): void {
    const kept = this.items.filter((item) => !item.isOver);
    this.items.splice(0, this.items.length, ...kept);
    this.told.changed();
  }

  private enqueue(item: Item): void {
    // A failure may mean that what is in the store is not what we think: ask again.
    if (item.state === "failed") item.forget();
    item.again();
    this.waiting.unshift(item);
  }

  private async work(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    for (let group = this.next(); group.length; group = this.next()) await this.send(group);
    this.isBusy = false;
    this.told.idle();
  }

  private next(): Item[] {
    const group: Item[] = [];
    let bytes = 0;
    for (let item = this.waiting[0]; item && !this.isHeld; item = this.waiting[0]) {
      bytes += weightOf(item);
      if (group.length && (bytes > BYTES_AT_ONCE || group.length === FILES_AT_ONCE)) break;
      this.waiting.shift();
      if (item.state === "waiting") group.push(item);
    }
    return group;
  }

  private async send(group: Item[]): Promise<void> {
    const first = group[0] as Item;
    try {
      if (first.ticket) await sendInParts(first, first.ticket, this.desk);
      else await this.sendAsOffered(group, first);
    } catch (error) {
      for (const item of group) if (!item.isOver) this.desk.failed(item, error);
    }
  }

  private async sendAsOffered(group: Item[], first: Item): Promise<void> {
    for (const item of group) item.become("sending");
    const offers = await this.offers(group, first);
    const whole: [Item, Whole][] = [];
    for (const [index, item] of group.entries()) {
      await this.follow(item, offers[index], whole);
    }
    if (whole.length) await sendWhole(whole, this.desk);
  }

  /** Never cut off: the platform may have begun, and only its answer can end that. */
  private offers(group: Item[], first: Item): Promise<Offer[]> {
    const together = {
      stop: new AbortController(),
      become: (state: State, problem?: string): void => {
        if (first.isGoing) first.become(state, problem);
      },
    };
    return insist(together, async () => {
      const { upload } = first.source;
      if (!upload) return this.desk.offers(group);
      const asked = { upload, size: first.size };
      return [await postJson<Parts>(this.addresses.resume, asked)];
    });
  }

  private async follow(
    item: Item,
    offer: Offer | undefined,
    whole: [Item, Whole][],
  ): Promise<void> {
    if (offer?.how === "parts") return this.begin(item, offer);
    if (!offer || item.isOver || item.state === "paused") return;
    if (offer.how === "whole") whole.push([item, offer]);
    else await this.desk.take(item, offer);
  }

  private async begin(item: Item, offer: Parts): Promise<void> {
    item.ticket = offer;
    if (item.state === "cancelled") await this.desk.abandon(item, "cancelled");
    else if (item.isGoing) await sendInParts(item, offer, this.desk, offer.first);
  }

  private changed(item: Item): void {
    if (item.isStored) this.told.stored(item);
    this.told.changed(item);
  }
}

/** A large one goes alone, and so does one that goes on with what was begun. */
function weightOf(item: Item): number {
  return item.size > SMALL || item.source.upload ? BYTES_AT_ONCE + 1 : item.size;
}
