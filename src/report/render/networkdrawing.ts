import type { Tap } from "../../model/types.js";

const WIDTH = 1000;
const MARGIN = { left: 64, right: 16, top: 40, bottom: 48 };
const PLOT = 420;

/**
 * A network as an SVG: across, relative depth; down, the grid of each tensor (finer above), in octaves of the stride. The trunk is a line through its block
 * ends; what lies beside it is small and pale. Every tensor says its name, size and depth when pointed at. `short`: names in the order of `taps`.
 */
function trunkSvg(taps: readonly Tap[], short: readonly string[], title: string): string {
  const octave = (t: Tap) => Math.log2(Math.max(1, (t.stride[0] + t.stride[1]) / 2));
  const octaves = taps.map(octave);
  const [low, high] = [Math.floor(Math.min(...octaves)), Math.max(1, Math.ceil(Math.max(...octaves)))];
  const x = (depth: number) => MARGIN.left + depth * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (o: number) => MARGIN.top + ((o - low) / Math.max(1, high - low)) * PLOT;
  const height = MARGIN.top + PLOT + MARGIN.bottom;
  const n = (v: number) => v.toFixed(1);
  const ends = taps.filter((t) => t.trunk && t.blockEnd);
  const line = ends.map((t) => `${n(x(t.depth))},${n(y(octave(t)))}`).join(" ");
  const dots = taps.map((t, i) => {
    const kind = t.trunk ? (t.blockEnd ? "end" : "trunk") : "aside";
    const r = t.blockEnd ? 6 : 3;
    const says = `${short[i]}: ${t.op}, ${t.channels} x ${t.height} x ${t.width}, depth ${t.depth.toFixed(2)}`;
    return `<circle class="${kind}" cx="${n(x(t.depth))}" cy="${n(y(octave(t)))}" r="${r}"><title>${clean(says)}</title></circle>`;
  });
  const strides = Array.from({ length: high - low + 1 }, (_, i) => low + i).map(
    (o) =>
      `<line class="rule" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${n(y(o))}" y2="${n(y(o))}"/><text x="${MARGIN.left - 8}" y="${n(y(o) + 4)}" text-anchor="end">/${2 ** o}</text>`,
  );
  const depths = [0, 0.25, 0.5, 0.75, 1].map(
    (d) => `<text x="${n(x(d))}" y="${height - 24}" text-anchor="middle">${d}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${clean(title)}"><style>text{font:12px system-ui,sans-serif;fill:#333}.rule{stroke:#ddd}.way{fill:none;stroke:#0550ae;stroke-width:2}.end{fill:#0550ae}.trunk{fill:#7aa7dd}.aside{fill:#bbb}</style><text x="${MARGIN.left}" y="20">${clean(title)}</text>${strides.join("")}${depths.join("")}<text x="${WIDTH / 2}" y="${height - 6}" text-anchor="middle">relative depth</text><polyline class="way" points="${line}"/>${dots.join("")}</svg>`;
}

/** The drawing as a page of its own, with the table of block ends below it. */
export function trunkPage(taps: readonly Tap[], short: readonly string[], title: string): string {
  const rows = taps.flatMap((t, i) =>
    t.blockEnd
      ? [
          `<tr><td>${t.trunk ? "trunk" : ""}</td><td>${t.depth.toFixed(2)}</td><td>${t.channels} x ${t.height} x ${t.width}</td><td>${clean(t.op)}</td><td>${clean(short[i]!)}</td><td>${clean(t.name)}</td></tr>`,
        ]
      : [],
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${clean(title)}</title><style>body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:1rem auto;padding:0 1rem}td,th{padding:.15rem .7rem;text-align:left}td{white-space:nowrap}td:last-child{color:#666}</style></head><body>${trunkSvg(taps, short, title)}<table><thead><tr><th></th><th>depth</th><th>c x h x w</th><th>op</th><th>layer</th><th>name in the file</th></tr></thead><tbody>${rows.join("")}</tbody></table></body></html>\n`;
}

function clean(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
