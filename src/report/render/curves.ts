import { scaleLinear } from "d3-scale";
import type { Theme } from "./color.js";
import type { Figure } from "./svg.js";
import { svg, text } from "./svg.js";
import { at, clip, escapeText, label, number, wrapped } from "./text.js";

export interface CurvePoint {
  readonly x: number;
  readonly y: number | null;
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
  /** Drawn hollow: not above what it is compared with. */
  readonly hollow?: boolean;
  /** Drawn with a ring around it. */
  readonly ring?: boolean;
  readonly title: string;
  /** What it opens. */
  readonly key?: string | undefined;
}

export interface Curve {
  readonly name: string;
  readonly color: string;
  readonly dashed?: boolean;
  readonly points: readonly CurvePoint[];
}

export interface Curves {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly Curve[];
  /** A vertical line with a word. */
  readonly mark?: { readonly x: number; readonly label: string } | undefined;
  readonly yMax?: number;
  /** Where the horizontal axis ends and what stands on it; relative depth where it is not given. */
  readonly xAxis?: { readonly max: number; readonly ticks: readonly number[] };
}

/** Room above the plot for one line of the name of its axis. */
const TOP = 30;
const LEFT = 42;
const BOTTOM = 42;

/** Values over relative depth, a line a network, with their intervals; names stand at the ends of the lines, or above them where it is narrow. */
export function curvesFigure(c: Curves, width: number, theme: Theme): Figure {
  const longest = Math.max(0, ...c.curves.map((one) => Array.from(one.name).length));
  const names = width > 520 && longest > 0;
  const right = names ? Math.min(220, 18 + 7.4 * longest) : 14;
  const axis = wrapped(c.yLabel, Math.floor((width - 8) / 6.7));
  const legend = names ? { parts: [], height: 0 } : legendOf(c.curves, width, 16 * axis.length + 18);
  const top = TOP + 16 * (axis.length - 1) + legend.height + (c.mark ? 20 : 0);
  const height = Math.min(340, Math.max(230, width * 0.42)) + top - TOP;
  const all = c.curves.flatMap((one) => one.points.flatMap((p) => [p.y, p.high ?? null, p.low ?? null]));
  const finite = all.filter((v): v is number => v !== null && Number.isFinite(v));
  const y = scaleLinear()
    .domain([Math.min(0, ...finite), c.yMax ?? Math.max(0.1, ...finite)])
    .nice(5)
    .range([height - BOTTOM, top]);
  const x = scaleLinear([0, c.xAxis?.max ?? 1], [LEFT, width - right]);
  const [x0, x1] = x.range() as [number, number];
  const parts = axis.map((line, i) => text(4, 14 + 16 * i, escapeText(line), { size: 12, fill: theme.soft }));
  parts.push(...legend.parts);
  for (const t of y.ticks(5)) {
    parts.push(
      `<path d="M${at(x0)} ${at(y(t))}H${at(x1)}" stroke="${theme.line}" stroke-width="${t === 0 ? 1.4 : 0.8}"/>`,
      text(x0 - 6, y(t) + 4, number(t, y.domain()[1]! < 0.5 ? 2 : 1), { anchor: "end", size: 11, fill: theme.soft }),
    );
  }
  for (const t of c.xAxis?.ticks ?? [0, 0.25, 0.5, 0.75, 1])
    parts.push(
      text(x(t), height - BOTTOM + 16, number(t, c.xAxis ? 0 : 2), { anchor: "middle", size: 11, fill: theme.soft }),
    );
  parts.push(text((x0 + x1) / 2, height - 8, escapeText(c.xLabel), { anchor: "middle", size: 12, fill: theme.soft }));
  if (c.mark) {
    const share = c.mark.x / x.domain()[1]!;
    parts.push(
      `<path d="M${at(x(c.mark.x))} ${top - 6}V${at(height - BOTTOM)}" stroke="${theme.soft}" stroke-dasharray="3 3"/>`,
      text(x(c.mark.x), top - 12, escapeText(c.mark.label), {
        anchor: share > 0.7 ? "end" : share < 0.25 ? "start" : "middle",
        size: 11,
        fill: theme.soft,
      }),
    );
  }
  const ends: { y: number; curve: Curve }[] = [];
  for (const one of c.curves) {
    const seen = one.points.filter((p): p is CurvePoint & { y: number } => p.y !== null);
    if (seen.length === 0) continue;
    parts.push(band(one, x, y), line(one, seen, x, y));
    for (const p of seen) parts.push(point(one, p, x(p.x), y(p.y), theme));
    if (one.name !== "") ends.push({ y: y(seen.at(-1)!.y), curve: one });
  }
  if (names) parts.push(...endNames(ends, x1 + 10, [top, height - BOTTOM], Math.floor((right - 14) / 7.4)));
  const figure = svg({ width, height }, c.title, parts, theme, "group");
  return {
    svg: figure,
    table: {
      columns: ["curve", c.xLabel, c.yLabel, "low", "high", "what"],
      rows: c.curves.flatMap((one) =>
        one.points.map((p) => [one.name, p.x, p.y, p.low ?? null, p.high ?? null, p.title]),
      ),
    },
  };
}

type Scale = (v: number) => number;

function band(one: Curve, x: Scale, y: Scale): string {
  const seen = one.points.filter((p) => typeof p.low === "number" && typeof p.high === "number");
  if (seen.length < 2) return "";
  const up = seen.map((p) => `${at(x(p.x))} ${at(y(p.high!))}`);
  const down = [...seen].reverse().map((p) => `${at(x(p.x))} ${at(y(p.low!))}`);
  return `<path d="M${[...up, ...down].join("L")}Z" fill="${one.color}" opacity="0.14"/>`;
}

function line(one: Curve, seen: readonly (CurvePoint & { y: number })[], x: Scale, y: Scale): string {
  return `<path d="M${seen.map((p) => `${at(x(p.x))} ${at(y(p.y))}`).join("L")}" fill="none" stroke="${one.color}" stroke-width="2" stroke-linejoin="round"${one.dashed ? ' stroke-dasharray="5 4"' : ""}/>`;
}

function point(one: Curve, p: CurvePoint, x: number, y: number, theme: Theme): string {
  const reach = p.key === undefined ? "" : ` data-key="${escapeText(p.key)}" role="link" tabindex="-1"`;
  const dot = `<circle cx="${at(x)}" cy="${at(y)}" r="${p.hollow ? 4 : 4.5}" fill="${p.hollow ? theme.ground : one.color}" stroke="${p.hollow ? one.color : theme.ground}" stroke-width="${p.hollow ? 1.8 : 1.2}"/>`;
  const ring = p.ring
    ? `<circle cx="${at(x)}" cy="${at(y)}" r="8" fill="none" stroke="${one.color}" stroke-width="1.4"/>`
    : "";
  const area = p.key === undefined ? "" : `<circle cx="${at(x)}" cy="${at(y)}" r="12" fill="transparent"/>`;
  return `<g${reach} aria-label="${escapeText(p.title)}"${p.key === undefined ? ' role="img"' : ""}><title>${escapeText(p.title)}</title>${area}${ring}${dot}</g>`;
}

/** Each name beside a piece of its line, in as many rows as they take; `y`: the first row. */
function legendOf(curves: readonly Curve[], width: number, y: number): { parts: string[]; height: number } {
  const parts: string[] = [];
  let [x, row] = [4, 0];
  for (const one of curves.filter((o) => o.name !== "")) {
    const name = clip(one.name, Math.floor((width - 36) / 7.4));
    const wide = 28 + 7.4 * Array.from(name).length;
    if (x > 4 && x + wide > width) [x, row] = [4, row + 1];
    const base = y + 18 * row;
    parts.push(
      `<path d="M${at(x)} ${at(base - 4)}h16" stroke="${one.color}" stroke-width="2.5"${one.dashed ? ' stroke-dasharray="5 4"' : ""}/>`,
      text(x + 22, base, label(name, Array.from(name).length), { fill: one.color, weight: 600, title: one.name }),
    );
    x += wide + 12;
  }
  return { parts, height: parts.length > 0 ? 18 * (row + 1) + 2 : 0 };
}

/** Names at the ends of lines, pushed apart so that none covers another. */
function endNames(
  ends: { y: number; curve: Curve }[],
  x: number,
  [highest, lowest]: readonly [number, number],
  signs: number,
): string[] {
  const sorted = [...ends].sort((a, b) => a.y - b.y);
  const placed: number[] = [];
  for (const [i, e] of sorted.entries()) placed.push(Math.max(e.y, i > 0 ? placed[i - 1]! + 15 : highest));
  for (let i = sorted.length - 1; i >= 0; i--) {
    const most = i === sorted.length - 1 ? lowest : placed[i + 1]! - 15;
    placed[i] = Math.min(placed[i]!, most);
  }
  return sorted.map((e, i) =>
    text(x, placed[i]! + 4, label(e.curve.name, signs), { fill: e.curve.color, weight: 600, title: e.curve.name }),
  );
}
