import type { Theme } from "./color.js";
import type { Figure } from "./svg.js";
import { svg, text } from "./svg.js";
import { at, escapeText, label } from "./text.js";

/** Concepts of one network, by whether another has them. */
export interface ShareRow {
  readonly key: string;
  readonly has: string;
  readonly lacks: string;
  readonly shared: number;
  readonly alone: number;
  readonly unstable: number;
}

const BAR = 16;
const ROW = 44;
/** Width of a sign of the names. */
const SIGN = 7.2;

/** For each two networks, each way: how many concepts of the first have a partner in the second, how many have none, how many are too unstable to say. */
export function sharesFigure(rows: readonly ShareRow[], width: number, theme: Theme): Figure {
  const most = Math.max(1, ...rows.map((r) => r.shared + r.alone + r.unstable));
  const unit = (width - 2) / most;
  const keys = [
    { words: "with a partner above chance", fill: theme.accent },
    { words: "without one", fill: theme.a },
    { words: "unstable", fill: theme.line },
  ];
  let x = 1;
  let top = 12;
  const legend = keys.map(({ words, fill }) => {
    const wide = 20 + 6.7 * words.length;
    if (x > 1 && x + wide > width) [x, top] = [1, top + 19];
    const part = `<rect x="${at(x)}" y="${top - 9}" width="11" height="11" rx="2" fill="${fill}"/>${text(x + 16, top, words, { fill: theme.soft })}`;
    x += wide + 14;
    return part;
  });
  const start = top + 12;
  const drawn = rows.map((r, i) => {
    const y = start + i * ROW;
    const name = `${r.has} in ${r.lacks}`;
    const words = [text(1, y + 14, label(name, Math.floor(width / SIGN)), { title: name })];
    let from = 1;
    const bars = [
      { n: r.shared, fill: theme.accent, ink: theme.ground },
      { n: r.alone, fill: theme.a, ink: theme.ground },
      { n: r.unstable, fill: theme.line, ink: theme.ink },
    ].map(({ n, fill, ink }) => {
      const wide = n * unit;
      const bar = `<rect x="${at(from)}" y="${at(y + 20)}" width="${at(Math.max(0, wide - 1.5))}" height="${BAR}" rx="2" fill="${fill}"/>`;
      if (wide > 22)
        words.push(text(from + wide / 2, y + 32, String(n), { anchor: "middle", size: 11, fill: ink, weight: 600 }));
      from += wide;
      return bar;
    });
    const says = `${name}: of ${r.shared + r.alone + r.unstable} concepts ${r.shared} with a partner, ${r.alone} without, ${r.unstable} unstable`;
    return [
      `<g data-key="${escapeText(r.key)}" role="link" tabindex="-1" aria-label="${escapeText(says)}"><rect class="ground" x="0" y="${at(y + 2)}" width="${at(width)}" height="${ROW - 4}" rx="4" fill="transparent"/>${bars.join("")}</g>`,
      // what is heard says more than what is seen
      `<g aria-hidden="true" pointer-events="none">${words.join("")}</g>`,
    ].join("");
  });
  return {
    svg: svg(
      { width, height: start + rows.length * ROW + 4 },
      "Concepts that other networks have or lack",
      [`<g aria-hidden="true">${legend.join("")}</g>`, ...drawn],
      theme,
      "group",
    ),
    table: {
      columns: ["network", "in", "with a partner above chance", "without one", "unstable"],
      rows: rows.map((r) => [r.has, r.lacks, r.shared, r.alone, r.unstable]),
    },
  };
}
