// A large file: in parts, several at once, each verified by the store. What the store has
// already, of this page or an earlier one, is compared with the file and not sent again.
import { postJson } from "../requests";
import type { Desk } from "./desk";
import { insist } from "./insist";
import type { Item } from "./item";
import { Links } from "./links";
import type { Choice, Done, Parts, Taken } from "./protocol";

const AT_ONCE = 3;

/** `first` are links to parts that the ticket came with just now. */
export async function sendInParts(
  item: Item,
  ticket: Parts,
  desk: Desk,
  first: Parts["first"] = [],
): Promise<void> {
  item.ticket = ticket;
  item.key = ticket.key;
  if (item.source.handle) void desk.handles.keep(ticket.upload, item.source.handle);
  item.become(ticket.stored.length ? "checking" : "sending");
  const left = numbers(item, ticket).filter((number) => !item.etags.has(number));
  const links = new Links(item, ticket, desk, left, first);
  const work = async (): Promise<void> => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) {
      await sendPart(item, ticket, number, desk, links);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await complete(item, ticket, desk);
}

async function sendPart(
  item: Item,
  ticket: Parts,
  number: number,
  desk: Desk,
  links: Links,
): Promise<void> {
  const start = (number - 1) * ticket.part_size;
  const bytes = item.file.slice(start, start + ticket.part_size);
  const sum = await desk.digest.of(bytes);
  const isThere = ticket.stored.some(
    ([at, etag, size]) => at === number && etag === sum && size === bytes.size,
  );
  const etag = isThere
    ? sum
    : await insist(item, async () => {
        const link = await links.to(number);
        const etag = await desk.line.put(link, bytes, sum, item.stop.signal, item.ear(number));
        links.sent();
        return etag;
      });
  item.arrived(number, etag, bytes.size);
}

async function complete(item: Item, ticket: Parts, desk: Desk): Promise<void> {
  const parts = [...item.etags]
    .map(([number, etag]) => ({ number, etag }))
    .sort((a, b) => a.number - b.number);
  let choice: Choice = {};
  for (;;) {
    const told = { upload: ticket.upload, parts, ...choice };
    const answer = await insist(item, () =>
      postJson<Done | Taken>(desk.addresses.complete, told, item.stop.signal),
    );
    if (answer.how === "done") {
      item.key = answer.key;
      item.storedSize = answer.size;
      void desk.handles.drop(ticket.upload);
      return item.become("done");
    }
    const chosen = await desk.choose(item, answer);
    // What has arrived is kept while the person makes room for it elsewhere.
    if (!chosen) return answer.beside ? desk.abandon(item, "skipped") : item.become("paused");
    choice = chosen;
    item.become("sending");
  }
}

function numbers(item: Item, ticket: Parts): number[] {
  const count = Math.max(1, Math.ceil(item.size / ticket.part_size));
  return Array.from({ length: count }, (_, index) => index + 1);
}
