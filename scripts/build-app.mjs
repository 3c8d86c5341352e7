// Bundles the report's browser part into one string that node/ inlines into index.html.
import { existsSync } from "node:fs";
import { build } from "esbuild";

const entry = "src/report/app/main.tsx";
if (existsSync(entry)) {
  await build({
    entryPoints: [entry],
    outfile: "dist/report-app.js",
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
  });
}
