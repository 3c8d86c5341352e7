import { scaleLinear } from "d3-scale";
import type { Theme } from "./color.js";
import type { Figure } from "./svg.js";
import { svg, text } from "./svg.js";
import { at, escapeText } from "./text.js";

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  /** Place among `groups`; -1: of none of them, drawn small and pale. */
  readonly group: number;
  readonly title: string;
  readonly key: string;
}

export interface Scatter {
  readonly title: string;
  readonly note: string;
  readonly groups: readonly { readonly name: string; readonly color: string }[];
  readonly points: readonly ScatterPoint[];
}

const PAD = 16;
const SHAPES = ["circle", "square", "triangle", "diamond"] as const;

/** Points in a plane whose axes have no meaning of their own, one unit the same length on both; groups by colour and by shape. */
export function scatterFigure(s: Scatter, width: number, theme: Theme): Figure {
  const legend = 22 * Math.ceil(s.groups.length / Math.max(1, Math.floor(width / 190))) + 8;
  const span = (of: (p: ScatterPoint) => number) => {
    const v = s.points.map(of);
    return v.length === 0 ? [0, 1] : [Math.min(...v), Math.max(...v)];
  };
  const [xs, ys] = [span((p) => p.x), span((p) => p.y)];
  const room = width - 2 * PAD;
  const [dx, dy] = [Math.max(1e-6, xs[1]! - xs[0]!), Math.max(1e-6, ys[1]! - ys[0]!)];
  const unit = Math.min(room / dx, Math.min(520, Math.max(240, width * 0.62)) / dy);
  const high = dy * unit;
  const left = PAD + (room - dx * unit) / 2;
  const x = scaleLinear(xs, [left, left + dx * unit]);
  const y = scaleLinear(ys, [legend + PAD + high, legend + PAD]);
  const height = legend + high + 2 * PAD + 18;
  const columns = Math.max(1, Math.floor(width / 190));
  const parts = s.groups.map((g, i) => {
    const [gx, gy] = [(i % columns) * (width / columns) + 8, 12 + 22 * Math.floor(i / columns)];
    return `${mark(gx, gy, i, g.color, theme)}${text(gx + 12, gy + 4, escapeText(g.name), { size: 12 })}`;
  });
  parts.push(
    `<rect x="0.5" y="${legend}" width="${at(width - 1)}" height="${at(high + 2 * PAD)}" rx="6" fill="none" stroke="${theme.line}"/>`,
    text(0, height - 3, escapeText(s.note), { size: 11, fill: theme.soft }),
  );
  // those that are looked at lie on top
  for (const p of [...s.points].sort((a, b) => Number(a.group >= 0) - Number(b.group >= 0))) {
    const [px, py] = [x(p.x), y(p.y)];
    const title = `<title>${escapeText(p.title)}</title>`;
    parts.push(
      p.group < 0
        ? `<circle cx="${at(px)}" cy="${at(py)}" r="2.6" fill="${theme.soft}" opacity="0.38">${title}</circle>`
        : `<g data-key="${escapeText(p.key)}" role="button" tabindex="-1" aria-label="${escapeText(p.title)}">${title}<circle cx="${at(px)}" cy="${at(py)}" r="9" fill="transparent"/>${mark(px, py, p.group, s.groups[p.group]!.color, theme)}</g>`,
    );
  }
  return {
    svg: svg({ width, height }, s.title, parts, theme, "group"),
    table: {
      columns: ["group", "x", "y", "what"],
      rows: s.points.map((p) => [s.groups[p.group]?.name ?? "", p.x, p.y, p.title]),
    },
  };
}

function mark(x: number, y: number, group: number, color: string, theme: Theme): string {
  const look = `fill="${color}" stroke="${theme.ground}" stroke-width="1.2"`;
  const r = 5;
  switch (SHAPES[group % SHAPES.length]!) {
    case "circle":
      return `<circle cx="${at(x)}" cy="${at(y)}" r="${r}" ${look}/>`;
    case "square":
      return `<rect x="${at(x - r + 0.5)}" y="${at(y - r + 0.5)}" width="${2 * r - 1}" height="${2 * r - 1}" ${look}/>`;
    case "triangle":
      return `<path d="M${at(x)} ${at(y - r - 1)}L${at(x + r + 0.5)} ${at(y + r - 1)}H${at(x - r - 0.5)}Z" ${look}/>`;
    case "diamond":
      return `<path d="M${at(x)} ${at(y - r - 1)}L${at(x + r + 1)} ${at(y)}L${at(x)} ${at(y + r + 1)}L${at(x - r - 1)} ${at(y)}Z" ${look}/>`;
  }
}
