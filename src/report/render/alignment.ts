import type { Theme } from "./color.js";
import type { Figure } from "./svg.js";
import { svg, text } from "./svg.js";
import { at, escapeText, label, number } from "./text.js";

export interface Alignment {
  readonly title: string;
  readonly a: { readonly name: string; readonly color: string };
  readonly b: { readonly name: string; readonly color: string };
  /** Depths of a layer and of its best partner; `from` tells whose partner is sought. */
  readonly points: readonly {
    readonly from: "a" | "b";
    readonly depthA: number;
    readonly depthB: number;
    readonly value: number | null;
    readonly title: string;
  }[];
  /** Depths along the warp path, input to output; empty where there is none. */
  readonly path: readonly { readonly depthA: number; readonly depthB: number }[];
}

/** Depth in one network against the depth of the best partner in another. On the diagonal: the same relative depth. */
export function alignmentFigure(m: Alignment, width: number, theme: Theme): Figure {
  const side = Math.min(380, width - 70);
  const [left, top] = [46, 14];
  const height = top + side + 46;
  const x = (d: number) => left + d * side;
  const y = (d: number) => top + d * side;
  const parts: string[] = [
    `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="none" stroke="${theme.line}"/>`,
    `<path d="M${at(x(0))} ${at(y(0))}L${at(x(1))} ${at(y(1))}" stroke="${theme.soft}" stroke-dasharray="4 4"/>`,
  ];
  for (const t of [0, 0.5, 1]) {
    parts.push(
      text(x(t), y(1) + 16, number(t, 1), { anchor: "middle", size: 11, fill: theme.soft }),
      text(left - 7, y(t) + 4, number(t, 1), { anchor: "end", size: 11, fill: theme.soft }),
    );
  }
  const signs = Math.floor(side / 7.4);
  parts.push(
    text(x(0.5), height - 10, `depth in ${label(m.b.name, signs - 10)}`, {
      anchor: "middle",
      fill: m.b.color,
      weight: 600,
      title: m.b.name,
    }),
    text(13, y(0.5), `depth in ${label(m.a.name, signs - 10)}`, {
      anchor: "middle",
      rotate: -90,
      fill: m.a.color,
      weight: 600,
      title: m.a.name,
    }),
  );
  if (m.path.length > 1)
    parts.push(
      `<path d="M${m.path.map((p) => `${at(x(p.depthB))} ${at(y(p.depthA))}`).join("L")}" fill="none" stroke="${theme.accent}" stroke-width="6" stroke-opacity="0.28" stroke-linejoin="round" stroke-linecap="round"/>`,
    );
  for (const p of m.points) {
    const [cx, cy] = [x(p.depthB), y(p.depthA)];
    const r = 3 + 6 * Math.sqrt(Math.max(0, p.value ?? 0));
    const shape =
      p.from === "a"
        ? `<circle cx="${at(cx)}" cy="${at(cy)}" r="${at(r)}" fill="${m.a.color}" fill-opacity="0.75" stroke="${theme.ground}"/>`
        : `<path d="M${at(cx - r)} ${at(cy - r)}h${at(2 * r)}v${at(2 * r)}h${at(-2 * r)}Z" fill="${m.b.color}" fill-opacity="0.55" stroke="${theme.ground}"/>`;
    parts.push(`<g role="img" aria-label="${escapeText(p.title)}"><title>${escapeText(p.title)}</title>${shape}</g>`);
  }
  return {
    svg: svg({ width: left + side + 14, height }, m.title, parts, theme, "group"),
    table: {
      columns: [
        "partner sought for a layer of",
        `depth in ${m.a.name}`,
        `depth in ${m.b.name}`,
        "similarity",
        "layers",
      ],
      rows: m.points.map((p) => [p.from === "a" ? m.a.name : m.b.name, p.depthA, p.depthB, p.value, p.title]),
    },
  };
}
