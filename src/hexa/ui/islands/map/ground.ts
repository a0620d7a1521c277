// What lies below the features: a net of meridians, and our colours as WebGL knows them.
import type { MultiLineString, Position } from "geojson";

/** A colour of `tokens.css` as rgb: the map's parser knows neither oklch nor light-dark. */
export function colourOf(element: Element, name: string): string {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  if (!pen) return "gray";
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha = 255] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${alpha / 255})`;
}

/** Every ten degrees. */
export function graticule(): MultiLineString {
  const lines: Position[][] = [];
  for (let east = -180; east <= 180; east += 10)
    lines.push([
      [east, -85],
      [east, 85],
    ]);
  for (let north = -80; north <= 80; north += 10)
    lines.push([
      [-180, north],
      [180, north],
    ]);
  return { type: "MultiLineString", coordinates: lines };
}
