import type { ReportManifest } from "../data.js";
import { STYLE } from "./style.js";
import { escapeText, name } from "./text.js";

/** Blocks by name: gzip of a safetensors file, base64. */
export type PackedBlocks = Readonly<Record<string, string>>;

/** File of a block in the folder form, in report/blocks/. */
export function blockFile(block: string): string {
  return `${block.replaceAll("/", "-")}.js`;
}

/** Two views that overlap. In the page itself: a browser asks for nothing else. */
const ICON = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="12" cy="16" r="10" fill="#c14d00" opacity=".85"/><circle cx="20" cy="16" r="10" fill="#0072b2" opacity=".75"/></svg>')}`;

/**
 * The page. `blocks` are those that lie inside it. `script` is the page's program, `hash` gives CSP hashes: nothing foreign may load; blocks beside the
 * page are its own scripts.
 */
export function page(
  manifest: ReportManifest,
  blocks: PackedBlocks,
  script: string,
  hash: (text: string) => string,
): string {
  const beside = Object.keys(manifest.blocks).some((b) => !(b in blocks));
  const policy = [
    "default-src 'none'",
    "img-src data: blob:",
    `script-src '${hash(script)}'${beside ? " 'self' file:" : ""}`,
    `style-src '${hash(STYLE)}'`,
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const { run } = manifest;
  const networks = run.models.map((m) => m.id);
  const title = typeof run.config.title === "string" ? run.config.title : "Do they see the same things?";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="${ICON}">
<title>samesight: ${escapeText(networks.join(", "))}</title>
<style>${STYLE}</style>
</head>
<body>
<div id="app">
<header class="top"><div class="wrap"><h1>${name(title)}</h1><p class="lead">${networks.map(name).join(", ")}</p></div></header>
<main class="wrap"><noscript><p>The figures of this page are drawn by a script of its own, which loads nothing from elsewhere.</p></noscript></main>
</div>
<script type="application/json" id="data">${safeJson(manifest)}</script>
${Object.entries(blocks)
  .map(([block, text]) => `<script type="text/plain" data-block="${escapeText(block)}">${text}</script>`)
  .join("\n")}
<script>${script}</script>
</body>
</html>
`;
}

/** "<" cannot end the element from within, whatever names hold. */
function safeJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
