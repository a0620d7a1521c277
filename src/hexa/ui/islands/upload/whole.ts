// Small files: one request each, by links that come many at a time.
import { postJson } from "../requests";
import type { Desk } from "./desk";
import { insist } from "./insist";
import type { Item, State } from "./item";
import { NameTaken, Stale } from "./line";
import { LINK_LIFE_MS, type Offer, type Whole } from "./protocol";

// Browsers open six connections to a host; the page needs some of them.
const AT_ONCE = 4;

export async function sendWhole(given: [Item, Whole][], desk: Desk): Promise<void> {
  const born = Date.now();
  const left = [...given];
  const sent: Item[] = [];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [item, link] = next;
      const isFresh = Date.now() - born < LINK_LIFE_MS;
      if (await tried(item, isFresh ? link : undefined, desk)) sent.push(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (sent.length) await verify(sent, desk);
}

async function tried(item: Item, link: Whole | undefined, desk: Desk): Promise<boolean> {
  if (item.isOver || item.state === "paused") return false;
  try {
    return await send(item, link, desk);
  } catch (error) {
    desk.failed(item, error);
    return false;
  }
}

/** Whether it is in the store; if not, it waits for the person, or is over. */
async function send(item: Item, given: Whole | undefined, desk: Desk): Promise<boolean> {
  item.become("sending");
  const sum = await desk.digest.of(item.file);
  let link = given;
  let isRepeated = false;
  const etag = await insist(item, async () => {
    const at = link ?? (await anew(item, desk));
    link = undefined; // a second attempt needs a new one, which also knows who came first
    if (!at) return undefined;
    item.key = at.key;
    try {
      return await desk.line.put(at, item.file, sum, item.stop.signal, item.ear(1));
    } catch (error) {
      // Of an answer that was lost: what has taken the name may be this very file.
      if (error instanceof NameTaken && !isRepeated) {
        isRepeated = true;
        throw new Stale();
      }
      throw error;
    }
  });
  if (etag !== undefined) item.arrived(1, etag, item.size);
  return etag !== undefined;
}

/** Another link; none when the name is taken by now, which the person is asked about. */
async function anew(item: Item, desk: Desk): Promise<Whole | undefined> {
  const [offer] = await desk.line.patience.ask(item.ear(1), item.stop.signal, (signal) =>
    desk.offers([item], signal),
  );
  if (offer?.how === "whole") return offer;
  if (offer) await desk.take(item, offer satisfies Offer);
  return undefined;
}

/** The store's own word on how much of each it has. */
async function verify(items: Item[], desk: Desk): Promise<void> {
  const together = {
    stop: new AbortController(),
    become: (state: State, problem?: string): void => {
      for (const item of items) if (item.isGoing) item.become(state, problem);
    },
  };
  const ear = { sent: () => {}, silent: () => together.become("silent") };
  try {
    const keys = items.map((item) => item.key);
    const { sizes } = await insist(together, () =>
      desk.line.patience.ask(ear, together.stop.signal, (signal) =>
        postJson<{ sizes: Record<string, number> }>(desk.addresses.stored, { keys }, signal),
      ),
    );
    for (const item of items) {
      item.storedSize = sizes[item.key] ?? -1;
      if (item.storedSize === item.size) item.become("done");
      else item.fail(new Error(desk.words.incomplete));
    }
  } catch (error) {
    for (const item of items) desk.failed(item, error);
  }
}
