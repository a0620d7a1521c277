// What a column's head offers: order, condition, pin, hide, copy.
import type { Column, Condition } from "./data";
import { button, make, menuItem, openAt, type Words } from "./parts";

const OPERATORS = {
  text: ["contains", "=", "≠", "missing", "present"],
  number: ["=", "≠", "<", "≤", ">", "≥", "missing", "present"],
  date: ["=", "<", "≤", ">", "≥", "contains", "missing", "present"],
  boolean: ["=", "missing", "present"],
  other: ["contains", "missing", "present"],
} as const;

export const KIND_ICONS: Record<string, string> = {
  // The build reads these: icon: "hash", icon: "type", icon: "calendar",
  // icon: "toggle-left", icon: "braces", icon: "arrow-up", icon: "arrow-down",
  // icon: "pin", icon: "pin-off", icon: "eye-off", icon: "eye", icon: "copy".
  number: "hash",
  text: "type",
  date: "calendar",
  boolean: "toggle-left",
  other: "braces",
};

export interface Head {
  column: Column;
  order: string;
  condition: Condition | undefined;
  canBeOrdered: boolean;
  isPinned: boolean;
}

export interface Choices {
  order(value: string): void;
  filter(condition: Condition | null): void;
  pin(): void;
  hide(): void;
  copy(form: "csv" | "markdown"): void;
}

export class HeadMenu {
  readonly element = make("div", "menu-list grid-menu");

  constructor(
    private readonly sprite: string,
    private readonly words: Words,
  ) {
    this.element.popover = "auto";
  }

  open(from: Element, head: Head, choices: Choices): void {
    const act = (choice: () => void) => () => {
      this.element.hidePopover();
      choice();
    };
    const item = (name: string, word: string, choice: () => void) =>
      menuItem(this.sprite, name, this.word(word), act(choice));
    const [name] = head.column;
    const parts: HTMLElement[] = [make("p", "menu-heading", name)];
    if (head.canBeOrdered) {
      parts.push(item("arrow-up", "ascending", () => choices.order(`asc:${name}`)));
      parts.push(item("arrow-down", "descending", () => choices.order(`desc:${name}`)));
      if (head.order.slice(head.order.indexOf(":") + 1) === name)
        parts.push(item("x", "unordered", () => choices.order("")));
      parts.push(make("hr", "menu-line"), this.form(head, act, choices));
    } else parts.push(make("p", "grid-why", this.word("cannotOrder")));
    parts.push(
      make("hr", "menu-line"),
      item(head.isPinned ? "pin-off" : "pin", head.isPinned ? "unpin" : "pin", choices.pin),
      item("eye-off", "hide", choices.hide),
      item("copy", "columnCsv", () => choices.copy("csv")),
      item("copy", "columnMarkdown", () => choices.copy("markdown")),
    );
    this.element.replaceChildren(...parts);
    openAt(this.element, from);
    this.element.querySelector<HTMLElement>("button, select")?.focus();
  }

  private form(
    head: Head,
    act: (choice: () => void) => () => void,
    choices: Choices,
  ): HTMLFormElement {
    const [name, kind] = head.column;
    const form = make("form", "grid-filter");
    const select = make("select", "select");
    select.setAttribute("aria-label", this.word("condition"));
    for (const operator of OPERATORS[kind as keyof typeof OPERATORS] ?? OPERATORS.other) {
      select.add(new Option(this.words[operator] ?? operator, operator));
    }
    const input = make("input", "input");
    input.setAttribute("aria-label", this.word("value"));
    if (head.condition) {
      select.value = head.condition[1];
      input.value = head.condition[2];
    }
    const fit = () => {
      input.hidden = select.value === "missing" || select.value === "present";
    };
    select.addEventListener("change", fit);
    fit();
    const apply = button(this.word("filter"), () => {}, "button button-main button-small");
    apply.type = "submit";
    const foot = make("div", "row");
    foot.append(apply);
    if (head.condition)
      foot.append(
        button(
          this.word("clear"),
          act(() => choices.filter(null)),
        ),
      );
    form.append(select, input, foot);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act(() => choices.filter([name, select.value, input.hidden ? "" : input.value]))();
    });
    return form;
  }

  private word(name: string): string {
    return this.words[name] ?? name;
  }
}
