import type { Theme } from "./color.js";
import { shade } from "./color.js";
import type { Figure } from "./svg.js";
import { colorBar, svg, text } from "./svg.js";
import { at, escapeText, label, number } from "./text.js";

export interface ConceptMatrix {
  readonly title: string;
  readonly rowTitle: string;
  readonly colTitle: string;
  readonly rowNames: readonly string[];
  readonly colNames: readonly string[];
  /** J*, rows x cols; NaN where a concept shows nowhere. */
  readonly values: ArrayLike<number>;
  /** Each other's best, at row * cols + col. */
  readonly mutual: ReadonlySet<number>;
  /** Partners in the optimal one-to-one assignment. */
  readonly assigned: ReadonlySet<number>;
  readonly high: number;
}

/** Concepts x concepts of two layers. Framed: each other's best; dot: partners one to one. Cells are reached by `data-cell`. */
export function conceptMatrix(m: ConceptMatrix, width: number, theme: Theme): Figure {
  const rows = m.rowNames.length;
  const cols = m.colNames.length;
  const left = 34;
  const top = 50;
  const cell = Math.min(34, Math.max(6, Math.floor((width - left - 8) / Math.max(cols, rows))));
  const w = Math.max(left + cols * cell + 8, 190);
  const h = top + rows * cell + 48;
  const every = Math.max(1, Math.ceil(16 / cell));
  const room = Math.floor((w - 10) / 6.6);
  const parts = [
    `<g aria-hidden="true">`,
    text(0, 14, `↓ ${label(m.rowTitle, room)}`, { fill: theme.a, weight: 600, title: m.rowTitle }),
    text(0, 30, `→ ${label(m.colTitle, room)}`, { fill: theme.b, weight: 600, title: m.colTitle }),
  ];
  for (let i = 0; i < rows; i += every)
    parts.push(text(left - 5, top + (i + 0.5) * cell + 4, String(i + 1), { anchor: "end", size: 11, fill: theme.a }));
  for (let j = 0; j < cols; j += every)
    parts.push(text(left + (j + 0.5) * cell, top - 5, String(j + 1), { anchor: "middle", size: 11, fill: theme.b }));
  parts.push("</g>");
  const table: (string | number | null)[][] = [];
  for (let i = 0; i < rows; i++) {
    parts.push(`<g role="row">`);
    for (let j = 0; j < cols; j++) {
      const index = i * cols + j;
      const v = m.values[index]!;
      const value = Number.isNaN(v) ? null : v;
      const fill = value === null ? theme.line : shade(Math.max(0, value), 0, m.high, theme).fill;
      const [x, y] = [left + j * cell, top + i * cell];
      const said = `concept ${i + 1} and ${j + 1}: J* ${number(value)}${m.mutual.has(index) ? ", each other's best" : ""}${m.assigned.has(index) ? ", partners one to one" : ""}`;
      const gap = cell > 12 ? 1 : 0;
      parts.push(
        `<g data-cell="${index}" role="gridcell" tabindex="-1" aria-label="${escapeText(said)}"><rect class="ground" x="${at(x)}" y="${at(y)}" width="${at(cell - gap)}" height="${at(cell - gap)}" rx="${cell > 12 ? 2 : 0}" fill="${fill}"/>`,
      );
      if (m.mutual.has(index))
        parts.push(
          `<rect x="${at(x + 1)}" y="${at(y + 1)}" width="${at(cell - gap - 2)}" height="${at(cell - gap - 2)}" rx="2" fill="none" stroke="${theme.a}" stroke-width="${cell > 12 ? 2 : 1}"/>`,
        );
      if (m.assigned.has(index) && cell > 12) {
        const { ink } = shade(Math.max(0, value ?? 0), 0, m.high, theme);
        parts.push(`<circle cx="${at(x + (cell - gap) / 2)}" cy="${at(y + (cell - gap) / 2)}" r="2.4" fill="${ink}"/>`);
      }
      parts.push("</g>");
      table.push([
        m.rowNames[i]!,
        m.colNames[j]!,
        value,
        m.mutual.has(index) ? "yes" : "",
        m.assigned.has(index) ? "yes" : "",
      ]);
    }
    parts.push("</g>");
  }
  parts.push(
    colorBar(
      left,
      h - 26,
      Math.min(130, cols * cell),
      { low: 0, high: m.high, digits: 2, label: "J* (0: chance)" },
      theme,
    ),
  );
  return {
    svg: svg({ width: w, height: h }, m.title, parts, theme, "group").replace(' role="group"', ' role="grid"'),
    table: { columns: [m.rowTitle, m.colTitle, "J*", "each other's best", "one to one"], rows: table },
  };
}
