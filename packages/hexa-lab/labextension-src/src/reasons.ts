/** Why something failed, in words a person can use. */
import type { Words } from './words';

/** Browsers name a broken connection in English, each in its own way. */
const UNREACHABLE = /failed to fetch|networkerror|load failed|network request failed/i;

export function reasonOf(error: unknown, words: Words): string {
  const text = error instanceof Error ? error.message : String(error ?? '');
  if (UNREACHABLE.test(text)) {
    return words.unreachable;
  }
  return text === '' ? words.unknownReason : text;
}
