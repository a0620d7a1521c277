// What only a person can decide: a name that is taken, names that cannot be sent.
import type { Item } from "./item";
import { bytesInWords } from "./pace";
import type { Choice, Taken } from "./protocol";
import { button, make } from "./row";
import { counted, filled, type Words } from "./words";

type Answer = "replace" | "keep_both" | "skip";
type Verb = [words: string, kind: string, act: () => void];
const NAMED = 8;

export class Asking {
  private readonly open: { item: Item; there: Taken; answered(answer: Answer): void }[] = [];
  private forAll: Answer | undefined;
  private dialog: HTMLDialogElement | undefined;

  constructor(
    private readonly host: HTMLElement,
    private readonly words: Words,
    private readonly say: (text: string) => void,
  ) {}

  /** Undefined: it is not to be sent. One dialog at a time; the others wait behind it. */
  async choose(item: Item, there: Taken): Promise<Choice | undefined> {
    const answer =
      this.decided(there) ??
      (await new Promise<Answer>((answered) => {
        this.open.push({ item, there, answered });
        this.next();
      }));
    if (answer === "skip") return undefined;
    if (answer !== "replace") return { beside: true };
    return { replaces: there.etag, ...(!there.kept && { confirmed: nameOf(there) }) };
  }

  /** What was chosen "for all" ends with the files it was chosen for. */
  forget(): void {
    if (!this.open.length) this.forAll = undefined;
  }

  /** Whether to go on without the names that are refused. */
  goOn(refused: Map<string, string>, others: number): Promise<boolean> {
    const { words } = this;
    const list = make("ul", "upload-names");
    for (const [name, why] of [...refused].slice(0, NAMED)) {
      const line = make("li", "");
      line.append(bold(name), ` ${why}`);
      list.append(line);
    }
    const more = make("p", "quiet");
    const left = refused.size - NAMED;
    if (left > 0) more.textContent = filled(words.refused_more, { count: counted(left) });
    return new Promise((resolve) => {
      const title = filled(words.refused_title, { count: counted(refused.size) });
      const dialog = this.show(
        title,
        [list, more],
        [
          [filled(words.go_on, { count: counted(others) }), "main", () => resolve(true)],
          [words.stop, "plain", () => resolve(false)],
        ],
      );
      dialog.addEventListener("cancel", () => resolve(false));
    });
  }

  private next(): void {
    const asked = this.open[0];
    if (this.dialog?.open || !asked) return;
    const decided = this.decided(asked.there);
    if (decided) this.answer(decided, false);
    else this.ask(asked.item, asked.there);
  }

  /** What is lost for good, or cannot be as it was chosen, is asked of each file. */
  private decided(there: Taken): Answer | undefined {
    const isSafe = { replace: there.kept, keep_both: there.beside, skip: true };
    return this.forAll && isSafe[this.forAll] ? this.forAll : undefined;
  }

  private ask(item: Item, there: Taken): void {
    const { words } = this;
    const all = document.createElement("input");
    all.type = "checkbox";
    const forAll = make("label", "upload-all");
    forAll.append(all, ` ${words.clash_all}`);
    const facts = make("div", "stack-tight");
    facts.append(
      line(words.clash_there, there.size, Date.parse(there.modified)),
      line(words.clash_yours, item.size, item.file.lastModified),
    );
    const kept = make("p", "quiet");
    kept.textContent = there.kept ? words.clash_kept : words.clash_lost;
    const only = make("p", "quiet");
    only.textContent = there.beside ? "" : words.clash_only;
    const choose = (answer: Answer) => (): void => this.answer(answer, all.checked);
    const name = nameOf(there);
    const title = filled(words.clash_title, { name });
    const typing = there.kept ? [] : [typed(filled(words.clash_type, { name }))];
    const dialog = this.show(
      title,
      [facts, kept, only, ...typing, forAll],
      [
        ...(there.beside ? [[words.keep_both, "main", choose("keep_both")] as Verb] : []),
        [words.replace, there.kept ? "" : "danger", choose("replace")],
        [words.skip, "plain", choose("skip")],
      ],
    );
    dialog.addEventListener("cancel", () => this.answer("skip", false));
    if (typing[0]) holdBack(dialog, typing[0], name);
    this.say(title);
  }

  private answer(answer: Answer, isForAll: boolean): void {
    if (isForAll) this.forAll = answer;
    this.open.shift()?.answered(answer);
    // The dialog closes first.
    setTimeout(() => this.next());
  }

  private show(title: string, body: HTMLElement[], verbs: Verb[]): HTMLDialogElement {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    const head = make("div", "dialog-head");
    const heading = make("h2", "");
    heading.id = "upload-asking";
    heading.textContent = title;
    head.append(heading);
    const inside = make("div", "dialog-body");
    const foot = make("div", "form-actions");
    for (const [words, kind, act] of verbs) {
      const verb = button(() => {
        dialog.close();
        act();
      }, kind);
      verb.classList.remove("button-small");
      verb.textContent = words;
      foot.append(verb);
    }
    inside.append(...body.filter((part) => part.textContent), foot);
    dialog.append(head, inside);
    dialog.setAttribute("aria-labelledby", heading.id);
    dialog.addEventListener("close", () => dialog.remove());
    this.host.append(dialog);
    this.dialog = dialog;
    dialog.showModal();
    return dialog;
  }
}

function nameOf(there: Taken): string {
  return there.key.split("/").at(-1) ?? there.key;
}

/** A name to type, for what is gone for good. */
function typed(words: string): HTMLElement {
  const field = make("label", "field");
  const label = make("span", "field-label");
  label.textContent = words;
  const input = document.createElement("input");
  Object.assign(input, { autocomplete: "off", autocapitalize: "off", spellcheck: false });
  field.append(label, input);
  return field;
}

/** Replacing waits until it was. */
function holdBack(dialog: HTMLElement, field: HTMLElement, name: string): void {
  const input = field.querySelector("input");
  const verb = dialog.querySelector<HTMLButtonElement>(".button-danger");
  if (!input || !verb) return;
  // However the accents are composed, here and there.
  const compare = (): void => {
    verb.disabled = input.value.trim().normalize() !== name.trim().normalize();
  };
  input.addEventListener("input", compare);
  compare();
}

function line(words: string, size: number, at: number): HTMLElement {
  const made = make("p", "number");
  const when = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(at);
  made.textContent = filled(words, { size: bytesInWords(size), when });
  return made;
}

function bold(text: string): HTMLElement {
  const made = make("strong", "upload-name");
  made.textContent = text;
  return made;
}
