// Builds what the browser loads into static/ui/: app.css, app.js with its lazy chunks,
// and the icon sprite. Run by `npm run assets`; nothing built is committed.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { feature } from "topojson-client";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "..");
const root = join(here, "../../..");
const out = join(here, "static/ui");
const isWatching = process.argv.includes("--watch");

// The logo, drawn by us, stands in the sprite beside Lucide's icons.
const OWN_ICONS = { logo: join(here, "images/logo.svg") };

// `{% icon "folder" %}`, `icon="folder"`, `icon_button "x"`, `Icon("folder")`, `icon: "x"`.
const NAMED_ICON = /\b[Ii]con(?:_button)?(?:\s+|\s*[=:]\s*|\()["']([a-z0-9-]+)["']/g;

async function files(folder, ending) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(out))
    .sort();
}

async function usedIcons() {
  const names = new Set();
  for (const ending of [".html", ".py", ".ts"]) {
    for (const path of await files(source, ending)) {
      for (const found of (await readFile(path, "utf8")).matchAll(NAMED_ICON)) names.add(found[1]);
    }
  }
  return [...names].sort();
}

async function symbol(name) {
  const path = OWN_ICONS[name] ?? join(root, "node_modules/lucide-static/icons", `${name}.svg`);
  const drawing = await readFile(path, "utf8").catch(() => {
    throw new Error(`No icon is called "${name}". See https://lucide.dev/icons.`);
  });
  const box = /viewBox="([^"]+)"/.exec(drawing)[1];
  const lines = drawing.slice(
    drawing.indexOf(">", drawing.indexOf("<svg")) + 1,
    drawing.lastIndexOf("</svg>"),
  );
  return `<symbol id="${name}" viewBox="${box}">${lines.replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>")}</symbol>`;
}

async function sprite() {
  const symbols = await Promise.all(
    [...(await usedIcons()), ...Object.keys(OWN_ICONS)].map(symbol),
  );
  await writeFile(
    join(out, "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
  );
  await writeFile(join(out, "logo.svg"), await readFile(OWN_ICONS.logo));
}

// Workers of libraries, loaded by address; and the coasts below every map.
async function carried() {
  const workers = {
    "pdf-worker.js": "pdfjs-dist/build/pdf.worker.min.mjs",
    "map-worker.js": "maplibre-gl/dist/maplibre-gl-worker.mjs",
  };
  for (const [name, path] of Object.entries(workers)) {
    const code = await readFile(join(root, "node_modules", path), "utf8");
    // The map of its source stays behind; collecting static files would look for it.
    await writeFile(join(out, name), code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n"));
  }
  const atlas = join(root, "node_modules/world-atlas/land-110m.json");
  const world = JSON.parse(await readFile(atlas, "utf8"));
  const land = JSON.stringify(feature(world, world.objects.land), (_, value) =>
    typeof value === "number" ? Math.round(value * 100) / 100 : value,
  );
  await writeFile(join(out, "land.json"), land);
}

// One stylesheet, its cascade layers in a fixed order, whatever the order of the files.
const styles = {
  name: "styles",
  setup(build) {
    build.onResolve({ filter: /^styles$/ }, () => ({ path: "styles", namespace: "styles" }));
    build.onLoad({ filter: /.*/, namespace: "styles" }, async () => {
      const single = ["reset", "tokens", "base", "layout"];
      const parts = await files(join(here, "styles/components"), ".css");
      const islands = await files(join(here, "islands"), ".css");
      const pages = (await files(source, "pages.css")).filter((path) => !path.startsWith(here));
      const line = (layer) => (path) => `@import "./${relative(here, path)}" layer(${layer});`;
      const contents = [
        "@layer reset, tokens, base, layout, components, pages;",
        ...single.map((name) => line(name)(join(here, "styles", `${name}.css`))),
        ...[...parts, ...islands].map(line("components")),
        ...pages.map(line("pages")),
      ].join("\n");
      return { contents, loader: "css", resolveDir: here, watchDirs: [join(here, "styles")] };
    });
    build.onEnd(sprite);
    build.onEnd(carried);
  },
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const options = {
  absWorkingDir: here,
  entryPoints: [
    { in: "islands/app.ts", out: "app" },
    { in: "styles", out: "app" },
    // A worker is a program of its own.
    { in: "islands/upload/digest-worker.ts", out: "upload-digest" },
    // Comes before the rest of the page.
    { in: "islands/upload/early.ts", out: "upload-early" },
  ],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  chunkNames: "chunks/[name].[hash]",
  target: ["chrome123", "firefox125", "safari17.5"],
  minify: !isWatching,
  sourcemap: isWatching ? "inline" : false,
  legalComments: "none",
  logLevel: isWatching ? "info" : "warning",
  plugins: [styles],
};

if (isWatching) await (await esbuild.context(options)).watch();
else {
  // What went into what, for whoever watches over the size of each part.
  const { metafile } = await esbuild.build({ ...options, metafile: true });
  await mkdir(join(root, "build"), { recursive: true });
  await writeFile(join(root, "build/assets.json"), JSON.stringify(metafile));
}
