import { shade } from "./color.js";
import { escapeText, number } from "./text.js";

export interface HeatmapAxis {
  readonly label: string;
  readonly depth: number;
}

export interface HeatmapCell {
  readonly value: number | null;
  /** What a reader hears or hovers. */
  readonly title: string;
  /** Drawn as not to be trusted. */
  readonly doubtful: boolean;
  /** Best partner of its row. */
  readonly ridge: boolean;
}

export interface Heatmap {
  readonly title: string;
  readonly rows: readonly HeatmapAxis[];
  readonly cols: readonly HeatmapAxis[];
  /** rows x cols. */
  readonly cells: readonly HeatmapCell[];
  readonly low: number;
  readonly high: number;
  readonly rowTitle: string;
  readonly colTitle: string;
  readonly digits: number;
}

const CELL = 58;
const LEFT = 230;
const TOP = 26;
const BOTTOM = 172;

/** Layers x layers, shallow to deep from the top left, as an SVG string. Cells are buttons by `data-cell`. */
export function heatmap(h: Heatmap): string {
  const width = LEFT + h.cols.length * CELL + 20;
  const height = TOP + h.rows.length * CELL + BOTTOM;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${escapeText(h.title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<text x="${LEFT - 10}" y="14" text-anchor="end" font-weight="600" fill="currentColor">${escapeText(h.rowTitle)} ↓</text>`,
  ];
  h.rows.forEach((row, r) => {
    const y = TOP + r * CELL + CELL / 2;
    parts.push(
      `<text x="${LEFT - 46}" y="${y + 4}" text-anchor="end" fill="currentColor"><title>${escapeText(row.label)}</title>${escapeText(clip(row.label, 27))}</text>`,
    );
    parts.push(
      `<text x="${LEFT - 10}" y="${y + 4}" text-anchor="end" fill="currentColor" opacity="0.6">${number(row.depth)}</text>`,
    );
  });
  h.cols.forEach((col, c) => {
    const x = LEFT + c * CELL + CELL / 2;
    const y = TOP + h.rows.length * CELL;
    parts.push(
      `<text x="${x}" y="${y + 17}" text-anchor="middle" fill="currentColor" opacity="0.6">${number(col.depth)}</text>`,
    );
    parts.push(
      `<text transform="translate(${x + 4} ${y + 28}) rotate(-55)" text-anchor="end" fill="currentColor"><title>${escapeText(col.label)}</title>${escapeText(clip(col.label, 25))}</text>`,
    );
  });
  parts.push(`<text x="${LEFT}" y="14" font-weight="600" fill="currentColor">${escapeText(h.colTitle)} →</text>`);
  h.cells.forEach((cell, at) => {
    const x = LEFT + (at % h.cols.length) * CELL;
    const y = TOP + Math.floor(at / h.cols.length) * CELL;
    const { fill, ink } = shade(cell.value, h.low, h.high);
    parts.push(
      `<g data-cell="${at}" tabindex="0" role="button" aria-label="${escapeText(cell.title)}"><title>${escapeText(cell.title)}</title>`,
    );
    parts.push(
      `<rect x="${x + 1}" y="${y + 1}" width="${CELL - 2}" height="${CELL - 2}" rx="4" fill="${fill}"${cell.doubtful ? ' opacity="0.45"' : ""}/>`,
    );
    if (cell.ridge)
      parts.push(
        `<rect x="${x + 3}" y="${y + 3}" width="${CELL - 6}" height="${CELL - 6}" rx="3" fill="none" stroke="#d9480f" stroke-width="2"/>`,
      );
    parts.push(
      `<text x="${x + CELL / 2}" y="${y + CELL / 2 + 4}" text-anchor="middle" fill="${cell.doubtful ? "currentColor" : ink}">${number(cell.value, h.digits)}</text></g>`,
    );
  });
  return `${parts.join("")}</svg>`;
}

function clip(text: string, most: number): string {
  return text.length > most ? `…${text.slice(1 - most)}` : text;
}
