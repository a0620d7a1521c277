// Bundles the front door into one file, so that running it needs node and no packages.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

await build({
  entryPoints: [here("front.mjs")],
  outfile: here("dist/front.mjs"),
  bundle: true,
  minify: true,
  platform: "node",
  format: "esm",
  target: "node24",
  legalComments: "eof",
  // Some of the bundled packages are CommonJS and call `require` for node's own modules.
  banner: {
    js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
  },
  logLevel: "warning",
});
