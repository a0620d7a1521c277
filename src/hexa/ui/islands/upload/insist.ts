// Trying until it works, it is refused for good, or the person stops it.
import { Refused, SignedOut } from "../requests";
import { Unreadable } from "./digest";
import type { State } from "./item";
import { Altered, Full, Lost, NameTaken, NotAccepted, Stale } from "./line";
import { Silent } from "./watch";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const SIGN_IN_PAUSE_MS = 5000;
const FINAL = [Refused, Unreadable, NameTaken, Full, NotAccepted];
// How often each may come before it is believed.
const BORNE: [new (words?: string) => Error, number][] = [
  [Altered, 4],
  [Stale, 4],
];

/** Who is told of trouble, and can stop it. */
interface Sender {
  readonly stop: AbortController;
  become(state: State, problem?: string): void;
}

export async function insist<Answer>(
  item: Sender,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  const { signal } = item.stop;
  const met = new Map<unknown, number>();
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || isFinal(error, met)) throw error;
      if (await rest(item, error, pause)) pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }
}

/** Whether there was anything to wait for. */
async function rest(item: Sender, error: unknown, pause: number): Promise<boolean> {
  if (error instanceof Altered || error instanceof Stale) return false;
  item.become(troubleOf(error));
  await until(error instanceof SignedOut ? SIGN_IN_PAUSE_MS : pause, item.stop.signal);
  return true;
}

function isFinal(error: unknown, met: Map<unknown, number>): boolean {
  if (FINAL.some((kind) => error instanceof kind)) return true;
  for (const [kind, most] of BORNE) {
    if (!(error instanceof kind)) continue;
    met.set(kind, (met.get(kind) ?? 0) + 1);
    return (met.get(kind) ?? 0) >= most;
  }
  return false;
}

function troubleOf(error: unknown): State {
  if (error instanceof SignedOut) return "signed-out";
  if (error instanceof Silent) return "silent";
  return error instanceof Lost || error instanceof TypeError ? "lost" : "down";
}

/** After the pause; or at once when the network, or the person, is back. */
function until(pause: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      removeEventListener("online", go);
      removeEventListener("focus", go);
      signal.removeEventListener("abort", go);
      resolve();
    };
    const timer = setTimeout(go, pause);
    addEventListener("online", go);
    addEventListener("focus", go);
    signal.addEventListener("abort", go);
  });
}
