import type { Theme } from "./color.js";
import { scaleColor, shade } from "./color.js";
import type { Figure } from "./svg.js";
import { colorBar, svg, text } from "./svg.js";
import { at, escapeText, label, number } from "./text.js";

export interface MatrixAxis {
  readonly label: string;
  /** Whole name, when `label` is short of it. */
  readonly title?: string;
  /** Relative depth, 0..1. */
  readonly depth: number;
}

export interface MatrixCell {
  readonly value: number | null;
  /** What a reader hears. */
  readonly title: string;
  /** Why it cannot be trusted; empty where there is no reason. */
  readonly doubt: string;
  /** Best partner of its row. */
  readonly ridge: boolean;
}

export interface LayerMatrix {
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly rowTitle: string;
  readonly colTitle: string;
  readonly rows: readonly MatrixAxis[];
  readonly cols: readonly MatrixAxis[];
  /** rows x cols. */
  readonly cells: readonly MatrixCell[];
  readonly low: number;
  readonly high: number;
  readonly digits: number;
}

const TOP = 34;
const RULER = 34;
const GAP = 2;
const MOST_CELL = 74;
/** Width of a sign of the names. */
const SIGN = 7.5;

/**
 * Layers x layers, shallow to deep from the top left. Rulers beside the cells show where each layer lies in relative depth; a line leads from best
 * partner to best partner; hatched cells cannot be trusted. Cells are reached by `data-cell`.
 */
export function layerMatrix(m: LayerMatrix, width: number, theme: Theme): Figure {
  const narrow = width < 560;
  const longest = (axis: readonly MatrixAxis[]) => Math.max(0, ...axis.map((l) => l.label.length));
  const spare = width - RULER - 18 - 26 * m.cols.length;
  const names = narrow
    ? Math.max(78, Math.min(44 + SIGN * longest(m.rows), spare))
    : Math.min(240, 44 + SIGN * longest(m.rows));
  const left = names + RULER + 6;
  const cell = Math.min(MOST_CELL, Math.max(26, Math.floor((width - left - 12) / Math.max(m.cols.length, 1))));
  const below = Math.min(narrow ? 130 : 240, 44 + SIGN * longest(m.cols));
  const bottom = RULER + 24 + 0.74 * below;
  const w = left + m.cols.length * cell + 12;
  // both names share a line where there is room for the second beside the first
  const beside = 7.4 * (Array.from(m.colTitle).length + 2) < w - left;
  const top = beside ? TOP : TOP + 18;
  const h = top + m.rows.length * cell + bottom + 44;
  const signs = Math.floor((names - 40) / SIGN);
  const x0 = left;
  const y0 = top;
  const hatch = `${m.id}-hatch`;
  const parts = [
    `<defs><pattern id="${hatch}" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2.4" height="8" fill="${theme.ground}" opacity="0.62"/></pattern></defs>`,
    `<g aria-hidden="true">`,
    text(x0 - 4, top - 18, `${label(m.rowTitle, Math.floor((left - 20) / 7.4))} ↓`, {
      anchor: "end",
      weight: 600,
      title: m.rowTitle,
    }),
    text(beside ? x0 + 2 : w - 4, 16, `${label(m.colTitle, Math.floor((w - 8) / 7.4) - 2)} →`, {
      anchor: beside ? "start" : "end",
      weight: 600,
      title: m.colTitle,
    }),
  ];
  m.rows.forEach((row, r) => {
    const y = y0 + (r + 0.5) * cell;
    parts.push(
      text(names - 36, y + 4, label(row.label, signs), { anchor: "end", title: row.title ?? row.label }),
      text(names - 2, y + 4, number(row.depth), { anchor: "end", fill: theme.soft, size: 11 }),
    );
  });
  m.cols.forEach((col, c) => {
    const x = x0 + (c + 0.5) * cell;
    const y = y0 + m.rows.length * cell + RULER + 8;
    parts.push(
      text(
        x + 3,
        y + 4,
        `${label(col.label, Math.floor((below - 40) / SIGN))}<tspan fill="${theme.soft}" font-size="11"> ${number(col.depth)}</tspan>`,
        {
          anchor: "end",
          rotate: -48,
          title: col.title ?? col.label,
        },
      ),
    );
  });
  parts.push(
    ruler(
      m.rows.map((r) => r.depth),
      x0,
      y0,
      cell,
      "rows",
      m.rows.length,
      theme,
    ),
  );
  parts.push(
    ruler(
      m.cols.map((c) => c.depth),
      x0,
      y0,
      cell,
      "cols",
      m.rows.length,
      theme,
    ),
  );
  parts.push("</g>");
  const ridge: (readonly [number, number])[] = [];
  m.rows.forEach((row, r) => {
    parts.push(`<g role="row" aria-label="${escapeText(row.label)}">`);
    m.cols.forEach((_, c) => {
      const one = m.cells[r * m.cols.length + c]!;
      const x = x0 + c * cell;
      const y = y0 + r * cell;
      if (one.ridge) ridge.push([x + cell / 2, y + cell / 2]);
      parts.push(drawCell(one, r * m.cols.length + c, x, y, cell, m, hatch, theme));
    });
    parts.push("</g>");
  });
  if (ridge.length > 1) {
    parts.push(
      `<path aria-hidden="true" d="${between(ridge, 0.72 * cell)}" fill="none" stroke="${theme.a}" stroke-width="1.6" stroke-dasharray="2 4" stroke-linecap="round" opacity="0.9" pointer-events="none"/>`,
    );
  }
  const range = { low: m.low, high: m.high, digits: m.digits, label: m.label };
  parts.push(colorBar(Math.max(8, Math.min(x0, w - 200)), h - 30, Math.min(180, m.cols.length * cell), range, theme));
  const body = svg({ width: w, height: h }, m.title, parts, theme, "group").replace(' role="group"', ' role="grid"');
  return {
    svg: body,
    table: {
      columns: [m.rowTitle, "depth", m.colTitle, "depth ", m.label, "best of its row", "take care"],
      rows: m.cells.map((one, i) => {
        const [row, col] = [m.rows[Math.floor(i / m.cols.length)]!, m.cols[i % m.cols.length]!];
        return [row.label, row.depth, col.label, col.depth, one.value, one.ridge ? "yes" : "", one.doubt];
      }),
    },
  };
}

/** Lines from point to point that leave `room` around each free. */
function between(points: readonly (readonly [number, number])[], room: number): string {
  return points
    .slice(1)
    .flatMap(([x, y], i) => {
      const [fromX, fromY] = points[i]!;
      const far = Math.hypot(x - fromX, y - fromY);
      if (far <= 2 * room) return [];
      const [dx, dy] = [((x - fromX) * room) / far, ((y - fromY) * room) / far];
      return [`M${at(fromX + dx)} ${at(fromY + dy)}L${at(x - dx)} ${at(y - dy)}`];
    })
    .join("");
}

function drawCell(
  one: MatrixCell,
  index: number,
  x: number,
  y: number,
  cell: number,
  m: LayerMatrix,
  hatch: string,
  theme: Theme,
): string {
  const { fill, ink } = shade(one.value, m.low, m.high, theme);
  const side = at(cell - GAP);
  const box = (extra: string) =>
    `<rect x="${at(x + GAP / 2)}" y="${at(y + GAP / 2)}" width="${side}" height="${side}" rx="3"${extra}/>`;
  const inner = (extra: string) =>
    `<rect x="${at(x + 3)}" y="${at(y + 3)}" width="${at(cell - 6)}" height="${at(cell - 6)}" rx="2" fill="none"${extra}/>`;
  const parts = [box(` fill="${fill}"${one.value === null ? ` stroke="${theme.line}"` : ""} class="ground"`)];
  if (one.doubt) parts.push(box(` fill="url(#${hatch})"`));
  if (one.ridge) parts.push(inner(` stroke="${theme.a}" stroke-width="2.2"`));
  if (cell >= 34) {
    const casing = one.doubt && one.value !== null ? ` paint-order="stroke" stroke="${fill}" stroke-width="3.5"` : "";
    parts.push(
      text(x + cell / 2, y + cell / 2 + 4, number(one.value, m.digits), {
        anchor: "middle",
        fill: ink,
        extra: casing.trim(),
      }),
    );
  }
  return `<g data-cell="${index}" role="gridcell" tabindex="-1" aria-label="${escapeText(one.title)}">${parts.join("")}</g>`;
}

/** Relative depth 0..1 along one side of the cells, and a line from each layer's cell to its place. */
function ruler(
  depths: readonly number[],
  x0: number,
  y0: number,
  cell: number,
  side: "rows" | "cols",
  rows: number,
  theme: Theme,
): string {
  const length = depths.length * cell;
  const base = side === "rows" ? x0 - 6 : y0 + rows * cell + 6;
  const away = side === "rows" ? -1 : 1;
  const start = side === "rows" ? y0 : x0;
  const point = (along: number, out: number) =>
    side === "rows" ? `${at(base + away * out)} ${at(start + along)}` : `${at(start + along)} ${at(base + away * out)}`;
  const far = RULER - 14;
  const lines = depths.map(
    (d, i) =>
      `<path d="M${point((i + 0.5) * cell, 0)}C${point((i + 0.5) * cell, far / 2)} ${point(d * length, far / 2)} ${point(d * length, far)}" fill="none" stroke="${theme.soft}" opacity="0.7"/>`,
  );
  return `<path d="M${point(0, far)}L${point(length, far)}" stroke="${theme.line}" stroke-width="2"/>${lines.join("")}`;
}

/** A matrix without words, to be recognised and clicked: `side` pixels wide. */
export function matrixThumbnail(m: LayerMatrix, side: number, theme: Theme): string {
  const cell = side / Math.max(m.rows.length, m.cols.length, 1);
  const parts = m.cells.map((one, i) => {
    const x = (i % m.cols.length) * cell;
    const y = Math.floor(i / m.cols.length) * cell;
    const fill = one.value === null ? theme.line : scaleColor((one.value - m.low) / (m.high - m.low || 1), theme);
    return `<rect x="${at(x)}" y="${at(y)}" width="${at(cell + 0.3)}" height="${at(cell + 0.3)}" fill="${fill}"/>`;
  });
  return svg({ width: m.cols.length * cell, height: m.rows.length * cell }, m.title, parts, theme);
}
