// <hexa-wait source="…">: follows something that starts, then goes where it is.
//
// An event stream: `step` {message, percent}, then `ready` {url} or `failed` {message}.
// Where a proxy holds streams back, the page asks for itself again: it knows as well.
interface Told {
  message?: string;
  percent?: number;
  url?: string;
}

const SILENCE_MS = 20_000;

class Wait extends HTMLElement {
  private source: EventSource | undefined;
  private silence = 0;
  private clock = 0;
  private since = 0;

  connectedCallback(): void {
    this.since = performance.now();
    this.clock = window.setInterval(this.tick, 1000);
    this.source = new EventSource(this.getAttribute("source") ?? "");
    this.hear("step", (told) => this.step(told));
    this.hear("ready", (told) => this.arrive(told));
    this.hear("failed", (told) => this.fail(told));
    this.source.onerror = () => {
      if (this.source?.readyState === EventSource.CLOSED) this.expect(2000);
    };
    this.expect(SILENCE_MS);
  }

  disconnectedCallback(): void {
    this.finish();
  }

  private hear(name: string, act: (told: Told) => void): void {
    this.source?.addEventListener(name, (event: MessageEvent<string>) => {
      this.expect(SILENCE_MS);
      act(JSON.parse(event.data) as Told);
    });
  }

  private expect(milliseconds: number): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => location.reload(), milliseconds);
  }

  private readonly tick = (): void => {
    const seconds = this.querySelector("[data-seconds]");
    const passed = Math.round((performance.now() - this.since) / 1000);
    if (seconds) seconds.textContent = String(passed);
  };

  private step({ message, percent }: Told): void {
    const bar = this.querySelector("progress");
    if (bar && percent !== undefined && percent > bar.value) bar.value = percent;
    const last = this.querySelector<HTMLElement>(".step:last-child");
    if (!message || last?.textContent === message) return;
    this.mark("done");
    const item = document.createElement("li");
    item.className = "step";
    item.dataset.state = "now";
    item.setAttribute("aria-current", "step");
    item.textContent = message;
    this.querySelector(".steps")?.append(item);
  }

  /** Says how the step that was going on has ended. */
  private mark(state: "done" | "failed"): void {
    const current = this.querySelector<HTMLElement>('.step[data-state="now"]');
    if (!current) return;
    current.dataset.state = state;
    current.removeAttribute("aria-current");
  }

  private arrive({ url }: Told): void {
    this.finish();
    this.mark("done");
    if (url) location.replace(url); // Back leads to where the person came from
  }

  private fail({ message }: Told): void {
    this.finish();
    this.mark("failed");
    const problem = this.querySelector<HTMLElement>("[data-problem]");
    if (!problem) return;
    problem.hidden = false;
    const words = problem.querySelector("[data-problem-words]");
    if (words && message) words.textContent = message;
  }

  private finish(): void {
    this.source?.close();
    clearTimeout(this.silence);
    clearInterval(this.clock);
  }
}

customElements.define("hexa-wait", Wait);
