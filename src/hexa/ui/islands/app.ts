// What every page loads: HTMX, the small islands, and a loader for the others.
import "htmx.org";
import "./copy/index";
import "./dialog/index";
import "./forms";
import "./menu/index";
import "./shortcuts/index";
import "./toasts/index";

const lazy: Record<string, () => Promise<unknown>> = {
  "hexa-editor": () => import("./editor/index"),
  "hexa-files": () => import("./files/index"),
  "hexa-grid": () => import("./grid/index"),
  "hexa-map": () => import("./map/index"),
  "hexa-pdf": () => import("./pdf/index"),
  "hexa-upload": () => import("./upload/index"),
  "hexa-wait": () => import("./wait/index"),
};

function loadIslands(root: ParentNode): void {
  for (const [tag, load] of Object.entries(lazy)) {
    // `data-loads` names one that comes in place of a part: it is there before the part is.
    const named = `${tag}, [data-loads="${tag}"]`;
    if (!customElements.get(tag) && root.querySelector(named)) void load();
  }
}

loadIslands(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof Element) loadIslands(event.target.parentElement ?? document);
});
