import type { ReportData } from "../data.js";
import { STYLE } from "./style.js";
import { escapeText, number } from "./text.js";

/** One HTML file that needs nothing else: `script` is the page's program, `hash` gives CSP hashes, nothing foreign may load. */
export function page(data: ReportData, script: string, hash: (text: string) => string): string {
  const policy = `default-src 'none'; img-src data:; script-src '${hash(script)}'; style-src '${hash(STYLE)}'; base-uri 'none'; form-action 'none'`;
  const { run } = data;
  const title = run.models.map((m) => m.id).join(", ");
  // "<" cannot end the element from within, whatever names hold
  const json = JSON.stringify(data)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>samesight: ${escapeText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Do they see the same things?</h1>
<p class="lead">${escapeText(title)}: ${run.dataset.fit} photographs to mine concepts, ${run.dataset.test} others to compare them on.</p>
</header>
<main>
${notes("warnings", "Take care", run.warnings)}
${notes(
  "findings",
  "Outcome",
  run.findings.map((f) => f.sentence),
)}
${networks(data)}
<section aria-labelledby="matrix-title">
<h2 id="matrix-title">Which layers carry the same concepts</h2>
<div class="controls">
<label>Compare <select id="pair"></select></label>
<label>Measure <select id="measure"></select></label>
<button type="button" id="save-svg">Save SVG</button>
<button type="button" id="save-csv">Save CSV</button>
</div>
<p id="measure-note" class="note"></p>
<div id="matrix" class="scroll"></div>
<p class="note">Rows and columns run from shallow to deep; the small numbers are relative depth. An orange frame marks the best partner of a row. Pale cells are not above chance, or belong to layers that do not find their own concepts again.</p>
</section>
<section id="cell" aria-live="polite" aria-labelledby="cell-title" tabindex="-1"></section>
${provenance(data)}
</main>
<noscript><p>This page draws its figures with a script of its own; it loads nothing from elsewhere.</p></noscript>
<script type="application/json" id="data">${json}</script>
<script>${script}</script>
</body>
</html>
`;
}

function notes(id: string, title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `<section class="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2><ul>${lines.map((l) => `<li>${escapeText(l)}</li>`).join("")}</ul></section>`;
}

function networks({ run, layers }: ReportData): string {
  const cards = run.models.map((m, n) => {
    const own = layers.filter((l) => l.network === n);
    const dots = own
      .map(
        (l) =>
          `<circle cx="${20 + l.depth * 520}" cy="30" r="6" fill="#24707f"><title>${escapeText(l.name)}: depth ${number(l.depth)}, ${l.gridH} x ${l.gridW}</title></circle>`,
      )
      .join("");
    const trunk = `<svg viewBox="0 0 560 56" role="img" aria-label="taps of ${escapeText(m.id)} over relative depth"><path d="M20 30H540" stroke="currentColor" opacity="0.35" stroke-width="2"/>${dots}<text x="20" y="52" font-size="11" fill="currentColor" opacity="0.7">input</text><text x="540" y="52" font-size="11" text-anchor="end" fill="currentColor" opacity="0.7">output</text></svg>`;
    const rows = m.taps
      .map(
        (t, i) =>
          `<tr><td class="name">${escapeText(own[i]!.short)}</td><td>${number(t.depth)}</td><td>${t.channels} × ${t.height} × ${t.width}</td><td>${t.k}</td><td>${number(t.explained_variance)}</td><td>${number(own[i]!.self)}</td></tr>`,
      )
      .join("");
    return `<article><h3>${escapeText(m.id)}</h3><p class="note">${(m.parameterBytes / 1e6).toFixed(1)} MB of parameters · ${m.taps.length} layers tapped${m.licence ? ` · licence: ${escapeText(m.licence)}` : ""}</p>${trunk}<div class="scroll"><table><thead><tr><th scope="col">layer</th><th scope="col">depth</th><th scope="col">c × h × w</th><th scope="col">concepts</th><th scope="col" title="share of the activations' energy that the concepts explain">explained</th><th scope="col" title="similarity of the layer with itself, mined again from other images: the ceiling for its row">self</th></tr></thead><tbody>${rows}</tbody></table></div></article>`;
  });
  return `<section aria-labelledby="networks-title"><h2 id="networks-title">The networks</h2><div class="cards">${cards.join("")}</div></section>`;
}

function provenance({ run }: ReportData): string {
  const item = (name: string, text: string) => `<dt>${name}</dt><dd>${escapeText(text)}</dd>`;
  const skipped = run.dataset.skipped.length;
  return `<section aria-labelledby="limits-title"><h2 id="limits-title">Provenance and limits</h2>
<dl>${item("made by", `${run.tool.name} ${run.tool.version}, onnxruntime ${run.tool.onnxruntime}, Node ${run.tool.node}, ${run.created}`)}
${run.models.map((m) => item("network", `${m.id} (${m.source}), sha256 ${m.sha256}`)).join("")}
${run.dataset.sources.map((s) => item("photographs", `${s.name}, ${s.images} images, ${s.licence}`)).join("")}
${item("data", `hash ${run.dataset.hash}${skipped ? `, ${skipped} files skipped` : ""}`)}
${item("seed", String(run.seed))}${item("settings", JSON.stringify(run.config))}</dl>
<p>The similarity says how far the concepts of two layers light up the same places of the same photographs, beyond what permuted photographs give. It does not say that two networks use a concept for the same end, that a concept has a name, or that what these photographs do not show is shared too. Intervals cover the choice of test photographs only. The method follows arXiv 2305.07663 and does not claim to reproduce its numbers.</p></section>`;
}
