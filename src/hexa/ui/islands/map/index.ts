// <hexa-map source="…" worker="…" land="…" data-words="{…}">: features over plain land.
//
// Nothing is asked of another origin: no tiles, no fonts; coasts are Natural Earth's.
import type { Feature } from "geojson";
import { Map as LibreMap, LngLatBounds, type StyleSpecification, setWorkerUrl } from "maplibre-gl";
import { messageOf } from "../requests";
import { colourOf, graticule } from "./ground";

interface Layer {
  layers: string[];
  layer: string;
  total: number | null;
  features: Feature[];
  is_cut: boolean;
}

const MARGIN = 24;

class FeatureMap extends HTMLElement {
  private map: LibreMap | undefined;
  private readonly view = document.createElement("div");
  private readonly status = document.createElement("p");
  private readonly about = document.createElement("dl");
  private readonly choices = document.createElement("div");

  connectedCallback(): void {
    if (this.contains(this.view)) return;
    this.view.className = "map-view";
    this.status.className = "map-status";
    this.status.setAttribute("role", "status");
    this.status.textContent = this.word("loading");
    this.about.className = "facts map-about";
    this.about.hidden = true;
    this.choices.className = "map-choices";
    this.replaceChildren(this.choices, this.view, this.status, this.about);
    void this.open();
  }

  disconnectedCallback(): void {
    this.map?.remove();
  }

  private async open(name = ""): Promise<void> {
    try {
      const url = new URL(this.getAttribute("source") ?? "", location.href);
      if (name) url.searchParams.set("layer", name);
      const response = await fetch(url, {
        headers: { Accept: "application/json" },
      });
      if (!response.ok) throw new Error(await messageOf(response));
      const layer = (await response.json()) as Layer;
      this.tell(layer);
      this.choices.replaceChildren(...this.choice(layer));
      this.draw(layer);
    } catch (error) {
      this.view.hidden = true;
      this.status.textContent = error instanceof Error ? error.message : this.word("failed");
    }
  }

  private tell(layer: Layer): void {
    const number = new Intl.NumberFormat(document.documentElement.lang);
    const told = layer.is_cut ? "cut" : "all";
    this.status.textContent = this.word(told)
      .replace("{layer}", layer.layer)
      .replace("{shown}", number.format(layer.features.length))
      .replace("{total}", number.format(layer.total ?? layer.features.length));
  }

  /** Which layer of the file, where it has several. */
  private choice({ layers, layer }: Layer): HTMLElement[] {
    if (layers.length < 2) return [];
    const select = document.createElement("select");
    select.className = "select";
    select.setAttribute("aria-label", this.word("layer"));
    for (const name of layers) select.add(new Option(name, name, name === layer, name === layer));
    select.addEventListener("change", () => {
      this.status.textContent = this.word("loading");
      this.about.hidden = true;
      void this.open(select.value);
    });
    return [select];
  }

  private draw(layer: Layer): void {
    this.map?.remove();
    setWorkerUrl(this.getAttribute("worker") ?? "");
    const map = new LibreMap({
      container: this.view,
      style: this.style_of(layer.features),
      bounds: boundsOf(layer.features),
      fitBoundsOptions: { padding: MARGIN, maxZoom: 12, animate: false },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      renderWorldCopies: false,
    });
    map.keyboard.disableRotation();
    map.touchZoomRotate.disableRotation();
    map.getCanvas().setAttribute("aria-label", this.word("map"));
    map.on("click", (event) => {
      const layers = ["areas", "lines", "points"];
      const [found] = map.queryRenderedFeatures(event.point, { layers });
      this.show(found?.properties ?? {});
    });
    this.map = map;
  }

  /** What is known about the feature that was chosen. */
  private show(properties: Record<string, unknown>): void {
    const pairs = Object.entries(properties).flatMap(([name, value]) => {
      const term = document.createElement("dt");
      const told = document.createElement("dd");
      term.textContent = name;
      told.textContent = value === null ? "–" : String(value);
      return [term, told];
    });
    this.about.replaceChildren(...pairs);
    this.about.hidden = pairs.length === 0;
  }

  private style_of(features: Feature[]): StyleSpecification {
    const colour = (name: string) => colourOf(this, name);
    const accent = colour("--accent");
    const land = new URL(this.getAttribute("land") ?? "", location.href).href;
    return {
      version: 8,
      sources: {
        land: { type: "geojson", data: land },
        grid: { type: "geojson", data: graticule() },
        data: { type: "geojson", data: { type: "FeatureCollection", features } },
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": colour("--surface-inset") } },
        {
          id: "land",
          type: "fill",
          source: "land",
          paint: { "fill-color": colour("--quiet-surface") },
        },
        {
          id: "grid",
          type: "line",
          source: "grid",
          paint: { "line-color": colour("--line"), "line-width": 0.5 },
        },
        {
          id: "coast",
          type: "line",
          source: "land",
          paint: { "line-color": colour("--line-strong") },
        },
        {
          id: "areas",
          type: "fill",
          source: "data",
          filter: ["==", ["geometry-type"], "Polygon"],
          paint: { "fill-color": accent, "fill-opacity": 0.25 },
        },
        {
          id: "lines",
          type: "line",
          source: "data",
          filter: ["!=", ["geometry-type"], "Point"],
          paint: { "line-color": accent, "line-width": 1.25 },
        },
        {
          id: "points",
          type: "circle",
          source: "data",
          filter: ["==", ["geometry-type"], "Point"],
          paint: {
            "circle-color": accent,
            "circle-radius": 4,
            "circle-stroke-color": colour("--surface"),
            "circle-stroke-width": 1,
          },
        },
      ],
    };
  }

  private word(name: string): string {
    const words = JSON.parse(this.dataset.words ?? "{}") as Record<string, string>;
    return words[name] ?? name;
  }
}

function boundsOf(features: Feature[]): LngLatBounds {
  const bounds = new LngLatBounds();
  const visit = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [east, north] = part as unknown[];
    if (typeof east !== "number" || typeof north !== "number") part.forEach(visit);
    else if (Math.abs(east) <= 180 && Math.abs(north) <= 90) bounds.extend([east, north]);
  };
  for (const { geometry } of features)
    visit(geometry && "coordinates" in geometry && geometry.coordinates);
  return bounds.isEmpty() ? new LngLatBounds([-180, -60], [180, 75]) : bounds;
}

customElements.define("hexa-map", FeatureMap);
