import type { Theme } from "./color.js";
import { shade } from "./color.js";
import type { Figure } from "./svg.js";
import { colorBar, svg, text } from "./svg.js";
import { at, escapeText, label, number } from "./text.js";

export interface Confusion {
  readonly title: string;
  readonly names: readonly string[];
  /** Row beside column; null where it is not known, and on the diagonal. */
  readonly values: readonly (readonly (number | null)[])[];
  /** The row that is looked at. */
  readonly chosen: number;
}

/** Shares of the vectors of each concept (rows) that have one of another concept (columns) nearer than any other of their own. */
export function confusionFigure(c: Confusion, width: number, theme: Theme): Figure {
  const k = c.names.length;
  const signs = Math.min(18, Math.max(6, Math.floor(width / 36)));
  const left = 16 + 7.3 * Math.min(signs, Math.max(1, ...c.names.map((n) => Array.from(n).length)));
  const cell = Math.max(13, Math.min(52, Math.floor((width - left - 10) / Math.max(1, k))));
  const top = 8;
  const parts: string[] = [];
  c.names.forEach((name, i) => {
    const bold = i === c.chosen;
    parts.push(
      text(left - 8, top + (i + 0.5) * cell + 4, label(name, signs), {
        anchor: "end",
        title: name,
        ...(bold ? { weight: 700 } : {}),
      }),
      text(left + (i + 0.5) * cell + 4, top + k * cell + 10, label(name, signs), {
        anchor: "end",
        rotate: -45,
        title: name,
        ...(bold ? { weight: 700 } : {}),
      }),
    );
    c.names.forEach((other, j) => {
      const v = c.values[i]![j] ?? null;
      const { fill, ink } = shade(v, 0, 1, theme);
      const [x, y] = [left + j * cell, top + i * cell];
      const said = i === j ? name : `${number(v)} of the vectors of ${name} have one of ${other} nearer than their own`;
      const body = `<title>${escapeText(said)}</title><rect x="${at(x)}" y="${at(y)}" width="${cell - 1}" height="${cell - 1}" rx="2" fill="${i === j ? "none" : v === null ? theme.line : fill}" stroke="${i === j ? theme.line : "none"}"/>`;
      parts.push(
        i === j
          ? `<g>${body}</g>`
          : `<g role="img" aria-label="${escapeText(said)}">${body}${cell >= 30 && v !== null ? text(x + cell / 2 - 0.5, y + cell / 2 + 3.5, number(v), { anchor: "middle", size: 11, fill: ink }) : ""}</g>`,
      );
    });
  });
  const longest = Math.min(signs, Math.max(1, ...c.names.map((n) => Array.from(n).length)));
  const bar = top + k * cell + 40 + 5 * longest;
  parts.push(
    colorBar(
      left,
      bar,
      Math.min(200, width - left - 10),
      { low: 0, high: 1, digits: 1, label: "share of vectors" },
      theme,
    ),
  );
  const height = bar + 26;
  return {
    svg: svg({ width: Math.max(width, left + k * cell + 10), height }, c.title, parts, theme, "group"),
    table: { columns: ["concept", ...c.names], rows: c.names.map((n, i) => [n, ...c.values[i]!]) },
  };
}
