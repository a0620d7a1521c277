// How fast bytes went lately, and the words for it in the language of the page.
const WINDOW_MS = 8000;
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const STEP = 1000;

export class Pace {
  private readonly steps: { at: number; bytes: number }[] = [];

  add(bytes: number): void {
    if (bytes > 0) this.steps.push({ at: performance.now(), bytes });
  }

  /** Undefined until there is something to judge by. */
  bytesPerSecond(): number | undefined {
    const now = performance.now();
    while (this.steps[0] && now - this.steps[0].at > WINDOW_MS) this.steps.shift();
    const first = this.steps[0];
    if (!first || now - first.at < STEP / 2) return undefined;
    const sum = this.steps.reduce((total, step) => total + step.bytes, 0);
    return (sum * 1000) / (now - first.at);
  }
}

export function bytesInWords(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= STEP && unit < BYTE_UNITS.length - 1) {
    amount /= STEP;
    unit += 1;
  }
  return inUnit(amount, BYTE_UNITS[unit] ?? "byte", amount < 100 && unit > 1 ? 1 : 0);
}

export function secondsInWords(seconds: number): string {
  if (seconds < 60) return inUnit(Math.max(1, seconds), "second", 0);
  if (seconds < 3600) return inUnit(seconds / 60, "minute", 0);
  return inUnit(seconds / 3600, "hour", seconds < 36_000 ? 1 : 0);
}

function inUnit(amount: number, unit: string, maximumFractionDigits: number): string {
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits,
  }).format(amount);
}

/** `2 147 483 648 octets`. */
export function bytesExactly(bytes: number): string {
  return inUnit(bytes, "byte", 0);
}
