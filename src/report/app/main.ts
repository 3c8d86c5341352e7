import type { ReportCell, ReportData } from "../data.js";
import { contourPath } from "../render/contour.js";
import { heatmap } from "../render/heatmap.js";
import { MEASURES, pairHeatmap } from "../render/matrix.js";
import { escapeText, number } from "../render/text.js";

const data = JSON.parse(document.getElementById("data")!.textContent!) as ReportData;
const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const state = { pair: "", measure: "similarity", cell: "" };
const names = data.run.models.map((m) => m.id);
const pairs = names.flatMap((_, a) => names.slice(a).map((__, i) => ({ a, b: a + i, key: `${a}-${a + i}` })));
pairs.sort((p, q) => Number(p.a === p.b) - Number(q.a === q.b));

const masks = new Map<string, Uint8Array>();
function maskBytes(layer: number, concept: number): Uint8Array {
  const key = `${layer} ${concept}`;
  const known = masks.get(key) ?? Uint8Array.from(atob(data.layers[layer]!.masks[concept]!), (ch) => ch.charCodeAt(0));
  masks.set(key, known);
  return known;
}

function readFragment(): void {
  const given = new URLSearchParams(location.hash.slice(1));
  state.pair = pairs.find((p) => p.key === given.get("pair"))?.key ?? pairs[0]!.key;
  state.measure = MEASURES.find((m) => m.id === given.get("measure"))?.id ?? "similarity";
  state.cell = given.get("cell") ?? "";
}

function writeFragment(): void {
  history.replaceState(null, "", `#${new URLSearchParams(Object.entries(state).filter(([, v]) => v !== ""))}`);
}

function draw(): void {
  const pair = pairs.find((p) => p.key === state.pair)!;
  const measure = MEASURES.find((m) => m.id === state.measure)!;
  element<HTMLSelectElement>("pair").value = state.pair;
  element<HTMLSelectElement>("measure").value = state.measure;
  element("measure-note").textContent = measure.note;
  const { figure, keys } = pairHeatmap(data, pair.a, pair.b, measure);
  element("matrix").innerHTML = heatmap(figure);
  for (const g of document.querySelectorAll<SVGGElement>("#matrix [data-cell]")) {
    const key = keys[Number(g.dataset.cell)]!;
    g.setAttribute("aria-pressed", String(key === state.cell));
    const open = () => {
      state.cell = key;
      update();
      element("cell").focus({ preventScroll: true });
      element("cell").scrollIntoView({
        behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
      });
    };
    g.addEventListener("click", open);
    g.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -figure.cols.length, ArrowDown: figure.cols.length }[
        event.key
      ];
      if (event.key === "Enter" || event.key === " ") open();
      else if (step !== undefined)
        document.querySelector<SVGGElement>(`#matrix [data-cell="${Number(g.dataset.cell) + step}"]`)?.focus();
      else return;
      event.preventDefault();
    });
  }
  const [a, b] = state.cell.split("-").map(Number);
  const cell = data.cells.find((c) => (c.a === a && c.b === b) || (c.a === b && c.b === a));
  element("cell").innerHTML = cell ? cellView(cell) : "";
}

function cellView(cell: ReportCell): string {
  const [a, b] = [data.layers[cell.a]!, data.layers[cell.b]!];
  const numbers: [string, string][] = [
    ["similarity S′", number(cell.similarity)],
    ["95 % interval", `${number(cell.ci_low)} to ${number(cell.ci_high)}`],
    ["S before the null", number(cell.pair_iou)],
    ["the null itself", number(cell.null_mean)],
    ["p against the null", number(cell.p_value, 3)],
    ["raw IoU", number(cell.raw_iou)],
    ["one to one", number(cell.one_to_one)],
    ["compared on", `${cell.grid} cells`],
    ["each with itself", `${number(a.self)} · ${number(b.self)}`],
  ];
  const where = (l: typeof a) => `${escapeText(names[l.network]!)} · ${escapeText(l.short)} (depth ${number(l.depth)})`;
  const matches = cell.matches.map((m) => matchView(cell, m)).join("");
  return `<h2 id="cell-title">${where(a)}<br>and ${where(b)}</h2>
<p class="note"><span class="key a"></span>concept of the first layer &nbsp; <span class="key b"></span>its best partner in the second. Photographs are those on which most cells are in both masks.${cell.flags ? ` Take care: ${escapeText(cell.flags.replaceAll(";", ", "))}.` : ""}</p>
<ul class="numbers">${numbers.map(([n, v]) => `<li><b>${v}</b><span>${n}</span></li>`).join("")}</ul>${matches}`;
}

function matchView(cell: ReportCell, m: ReportCell["matches"][number]): string {
  const [a, b] = [data.layers[cell.a]!.concepts[m.i]!, data.layers[cell.b]!.concepts[m.j]!];
  const percent = (x: number) => `${Math.round(100 * x)} %`;
  const figures = m.photos.map((p) => photoView(cell, m.i, m.j, p)).join("");
  return `<div class="match"><div><p><b>concept ${m.i + 1} ↔ ${m.j + 1}</b></p><p class="note">agreement J* ${number(m.value)}${m.mutual ? ", each other's best" : ""}<br>energy ${percent(a.energy)} · ${percent(b.energy)}<br>stability ${number(a.stability)} · ${number(b.stability)}</p></div><div class="photos">${figures || '<p class="note">They share no photograph.</p>'}</div></div>`;
}

function photoView(cell: ReportCell, i: number, j: number, p: number): string {
  const photo = data.photos[p]!;
  const outline = (layer: number, concept: number, color: string, dash: string) => {
    const { gridH: h, gridW: w } = data.layers[layer]!;
    const path = contourPath(maskBytes(layer, concept), p * Math.ceil((h * w) / 8), h, w);
    const at = `transform="scale(${photo.width / w} ${photo.height / h})"`;
    return `<g ${at}><path d="${path}" fill="none" stroke="#111" stroke-width="4.5" vector-effect="non-scaling-stroke" opacity="0.55"/><path d="${path}" fill="none" stroke="${color}" stroke-width="2.5" vector-effect="non-scaling-stroke" ${dash}/></g>`;
  };
  const label = `${photo.id} with the masks of both concepts`;
  return `<figure><svg viewBox="0 0 ${photo.width} ${photo.height}" width="${photo.width}" height="${photo.height}" role="img" aria-label="${escapeText(label)}"><image href="${photo.uri}" width="${photo.width}" height="${photo.height}"/>${outline(cell.a, i, "#ff8a1f", "")}${outline(cell.b, j, "#36c2ff", 'stroke-dasharray="6 4"')}</svg><figcaption>${escapeText(photo.id)}</figcaption></figure>`;
}

function save(name: string, type: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function csv(): string {
  const quote = (text: string | number | null) =>
    text === null ? "" : /[",\n]/.test(String(text)) ? `"${String(text).replaceAll('"', '""')}"` : String(text);
  const pair = pairs.find((p) => p.key === state.pair)!;
  const rows = data.cells
    .filter((c) => data.layers[c.a]!.network === pair.a && data.layers[c.b]!.network === pair.b)
    .map((c) =>
      [
        names[pair.a]!,
        data.layers[c.a]!.name,
        names[pair.b]!,
        data.layers[c.b]!.name,
        c.similarity,
        c.ci_low,
        c.ci_high,
        c.pair_iou,
        c.raw_iou,
        c.z,
        c.flags,
      ]
        .map(quote)
        .join(","),
    );
  return `model_a,layer_a,model_b,layer_b,similarity,ci_low,ci_high,pair_iou,raw_iou,z,flags\n${rows.join("\n")}\n`;
}

function update(): void {
  writeFragment();
  draw();
}

readFragment();
const option = (value: string, label: string) => `<option value="${escapeText(value)}">${escapeText(label)}</option>`;
element("pair").innerHTML = pairs
  .map((p) => option(p.key, p.a === p.b ? `${names[p.a]} with itself` : `${names[p.a]} and ${names[p.b]}`))
  .join("");
element("measure").innerHTML = MEASURES.map((m) => option(m.id, m.label)).join("");
for (const id of ["pair", "measure"] as const) {
  element<HTMLSelectElement>(id).addEventListener("change", (event) => {
    state[id] = (event.target as HTMLSelectElement).value;
    if (id === "pair") state.cell = "";
    update();
  });
}
element("save-svg").addEventListener("click", () =>
  save("layers.svg", "image/svg+xml", element("matrix").innerHTML.replaceAll("currentColor", "#1c2024")),
);
element("save-csv").addEventListener("click", () => save("layers.csv", "text/csv", csv()));
addEventListener("hashchange", () => {
  readFragment();
  draw();
});
draw();
