// A form on its way shows it, and is not sent twice.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method === "dialog") return;
  if (form.getAttribute("aria-busy") === "true") event.preventDefault();
  else if (!event.defaultPrevented) form.setAttribute("aria-busy", "true");
});

// Back from the next page, or a file to save instead of a page: the form is free again.
function free(): void {
  for (const form of document.querySelectorAll("form[aria-busy]"))
    form.removeAttribute("aria-busy");
}

addEventListener("pageshow", free);
document.addEventListener("visibilitychange", free);
document.addEventListener("htmx:afterRequest", free);

// Where a page is only the way to another, its form goes by itself; who came back to it
// by the browser's Back stays.
const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
if (visit?.type !== "back_forward")
  document.querySelector<HTMLFormElement>("form[data-at-once]")?.requestSubmit();
