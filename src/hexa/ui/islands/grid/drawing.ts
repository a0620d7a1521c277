// The profile of a column, drawn in its head.
import { make, type Words } from "./parts";
import type { Answer, Profile } from "./profiles";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 24;
const BAR = 10;
// What is rare can still be seen.
const LEAST = 1.5;

const language = document.documentElement.lang || "en";
const number = new Intl.NumberFormat(language);
const compact = new Intl.NumberFormat(language, {
  notation: "compact",
  maximumFractionDigits: 1,
});
const rounded = new Intl.NumberFormat(language, { maximumSignificantDigits: 6 });
// In a head there is room for so many digits.
const LONG = 100_000;
const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });

/** `pick` is called with a value that was chosen. */
export function drawn(
  answer: Answer | undefined,
  kind: string,
  words: Words,
  pick: (value: string) => void,
): HTMLElement {
  const made = make("div", "grid-profile");
  if (answer === undefined) made.append(make("i"));
  else if (typeof answer === "string") {
    made.append(make("p", "", answer));
    made.title = answer;
  } else made.append(...parts(answer, kind, words, pick));
  return made;
}

function parts(
  profile: Profile,
  kind: string,
  words: Words,
  pick: (value: string) => void,
): Element[] {
  const found: Element[] = [];
  if (profile.bars.length) found.push(histogram(profile, kind, words), bounds(profile, kind));
  else if (profile.common.length)
    found.push(...profile.common.map((one) => frequent(one, profile, words, pick)));
  const said = make("span", "grid-facts", facts(profile, words, amount));
  said.title = facts(profile, words, (count) => number.format(count));
  found.push(said);
  return found;
}

function histogram(profile: Profile, kind: string, words: Words): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const highest = Math.max(...profile.bars.map(([, , rows]) => rows), 1);
  svg.setAttribute("viewBox", `0 0 ${profile.bars.length * BAR} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "grid-bars");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", told(profile, kind, words));
  profile.bars.forEach(([from, to, rows], at) => {
    const bar = document.createElementNS(SVG, "rect");
    const height = rows ? Math.max(LEAST, (rows / highest) * HEIGHT) : 0;
    bar.setAttribute("x", String(at * BAR + 0.5));
    bar.setAttribute("y", String(HEIGHT - height));
    bar.setAttribute("width", String(BAR - 1));
    bar.setAttribute("height", String(height));
    const title = document.createElementNS(SVG, "title");
    title.textContent = inWords(words.profileBar, {
      range: range(from, to, kind),
      rows: number.format(rows),
    });
    bar.append(title);
    svg.append(bar);
  });
  return svg;
}

/** For who does not see the bars: the bounds, and where most rows are. */
function told(profile: Profile, kind: string, words: Words): string {
  const [from, to] = profile.bars.reduce((most, one) => (one[2] > most[2] ? one : most));
  return inWords(words.profileSpread, {
    range: range(profile.least ?? "", profile.most ?? "", kind),
    most: range(from, to, kind),
  });
}

function bounds(profile: Profile, kind: string): HTMLElement {
  const made = make("span", "grid-bounds");
  made.append(
    make("span", "", short(profile.least, kind)),
    make("span", "", short(profile.most, kind)),
  );
  return made;
}

function frequent(
  [value, rows]: [string, number],
  profile: Profile,
  words: Words,
  pick: (value: string) => void,
): HTMLElement {
  const made = make("button", "grid-common");
  made.type = "button";
  const part = rows / profile.count;
  made.style.setProperty("--part", `${part * 100}%`);
  made.title = inWords(words.profileCommon, { value, rows: number.format(rows) });
  made.append(make("span", "", value), make("small", "", share.format(part)));
  made.addEventListener("click", () => pick(value));
  return made;
}

function amount(count: number): string {
  return (count < LONG ? number : compact).format(count);
}

function facts(profile: Profile, words: Words, amount: (count: number) => string): string {
  const said = [];
  if (profile.distinct !== null)
    said.push(
      inWords(profile.is_exact ? words.profileDistinct : words.profileAbout, {
        count: amount(profile.distinct),
      }),
    );
  if (profile.missing)
    said.push(
      inWords(words.profileMissing, { share: share.format(profile.missing / profile.count) }),
    );
  if (profile.mean !== null)
    said.push(inWords(words.profileMean, { mean: short(profile.mean, "number") }));
  return said.join(" · ");
}

function range(from: string, to: string, kind: string): string {
  return from === to ? short(from, kind) : `${short(from, kind)} – ${short(to, kind)}`;
}

function short(value: string | null, kind: string): string {
  if (value === null) return "";
  if (kind !== "number") return value;
  const quantity = Number(value);
  return (Number.isInteger(quantity) ? number : rounded).format(quantity);
}

function inWords(sentence: string | undefined, values: Record<string, string>): string {
  return (sentence ?? "").replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
