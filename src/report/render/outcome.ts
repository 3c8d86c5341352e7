import { scaleLinear } from "d3-scale";
import type { Theme } from "./color.js";
import type { Figure } from "./svg.js";
import { svg, text } from "./svg.js";
import { at, escapeText, label, number, wrapped } from "./text.js";

export interface OutcomeRow {
  readonly name: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** What the same number is by chance alone, between a trained and a shuffled network, and between two shuffled ones. */
  readonly chance: number | null;
  readonly mixed: number | null;
  readonly random: number | null;
  /** null: it was not held against random networks. */
  readonly holds: boolean | null;
  readonly verdict: string;
}

export interface Outcome {
  readonly title: string;
  readonly axis: string;
  /** What the tick of chance stands for. */
  readonly chance: string;
  readonly percent: boolean;
  readonly rows: readonly OutcomeRow[];
}

const SIDE = 14;
/** Width of a sign of the bold names and verdicts. */
const SIGN = 7.9;

/** A number for each pair of networks with its interval, beside what chance and random networks give: whether the interval clears them is the outcome. */
export function outcomeFigure(o: Outcome, width: number, theme: Theme): Figure {
  const all = o.rows.flatMap((r) => [r.value, r.low, r.high, r.chance, r.mixed, r.random]);
  const finite = all.filter((v): v is number => v !== null && Number.isFinite(v));
  const x = scaleLinear([Math.min(0, ...finite), o.percent ? 1 : Math.max(0.5, ...finite)], [SIDE, width - SIDE]);
  if (!o.percent) x.nice(5);
  const keys = legend(o, width, theme);
  const top = keys.height + 10;
  const room = Math.floor((width - 2 * SIDE) / SIGN);
  const stacked = o.rows.some((r) => r.verdict.length + Array.from(r.name).length + 2 > room);
  const high = stacked ? 68 : 52;
  const bottom = top + high * o.rows.length;
  const show = (v: number) => (o.percent ? `${Math.round(100 * v)} %` : number(v, 1));
  const parts = [...keys.parts];
  for (const t of x.ticks(width < 500 ? 4 : 6)) {
    const anchor = x(t) < 24 ? "start" : x(t) > width - 24 ? "end" : "middle";
    parts.push(
      `<path d="M${at(x(t))} ${at(top)}V${at(bottom)}" stroke="${theme.line}" stroke-width="0.8"/>`,
      text(anchor === "start" ? 2 : anchor === "end" ? width - 2 : x(t), bottom + 16, show(t), {
        anchor,
        size: 11,
        fill: theme.soft,
      }),
    );
  }
  const lines = wrapped(o.axis, Math.floor((width - 2 * SIDE) / 6.7));
  lines.forEach((line, i) => {
    parts.push(text(SIDE, bottom + 36 + 16 * i, escapeText(line), { size: 12, fill: theme.soft }));
  });
  for (const [i, r] of o.rows.entries())
    parts.push(row(r, { y: top + i * high, high, width, room, stacked }, x, theme, show));
  return {
    svg: svg({ width, height: bottom + 28 + 16 * lines.length }, o.title, parts, theme, "group"),
    table: {
      columns: ["networks", o.axis, "low", "high", "chance", "trained and shuffled", "two shuffled", "outcome"],
      rows: o.rows.map((r) => [r.name, r.value, r.low, r.high, r.chance, r.mixed, r.random, r.verdict]),
    },
  };
}

type Scale = (v: number) => number;

interface Place {
  readonly y: number;
  readonly high: number;
  readonly width: number;
  /** Signs that a line of words holds. */
  readonly room: number;
  /** The verdict has a line of its own. */
  readonly stacked: boolean;
}

function row(r: OutcomeRow, place: Place, x: Scale, theme: Theme, show: (v: number) => string): string {
  const { y, high, width, room, stacked } = place;
  const middle = y + high - 16;
  const color = r.holds === false ? theme.a : theme.accent;
  const title = [
    `${r.name}: ${r.value === null ? "no value" : show(r.value)}`,
    r.low === null || r.high === null ? "" : ` (95 % interval ${show(r.low)} to ${show(r.high)})`,
    r.chance === null ? "" : `; ${show(r.chance)} by chance`,
    r.mixed === null ? "" : `; ${show(r.mixed)} between a trained and a shuffled network`,
    r.random === null ? "" : `; ${show(r.random)} between two shuffled ones`,
    `: ${r.verdict}`,
  ].join("");
  const marks = [
    `<path d="M${SIDE} ${at(middle)}H${at(width - SIDE)}" stroke="${theme.line}"/>`,
    r.chance === null ? "" : chanceMark(x(r.chance), middle, theme),
    r.low === null || r.high === null
      ? ""
      : `<path d="M${at(x(r.low))} ${at(middle)}H${at(x(r.high))}" stroke="${color}" stroke-width="7" stroke-linecap="round" opacity="0.35"/>`,
    r.mixed === null ? "" : mixedMark(x(r.mixed), middle, theme),
    r.random === null ? "" : randomMark(x(r.random), middle, theme),
    r.value === null ? "" : valueMark(x(r.value), middle, color, theme),
  ];
  const names = text(SIDE, y + 18, label(r.name, stacked ? room : room - r.verdict.length - 2), {
    weight: 600,
    size: 13,
    title: r.name,
  });
  const says = text(stacked ? SIDE : width - SIDE, y + (stacked ? 35 : 18), escapeText(r.verdict), {
    anchor: stacked ? "start" : "end",
    size: 13,
    fill: r.holds === null ? theme.soft : color,
    weight: 600,
  });
  return `<g role="img" aria-label="${escapeText(title)}"><title>${escapeText(title)}</title><rect x="0" y="${at(y)}" width="${at(width)}" height="${high}" fill="transparent"/>${names}${says}${marks.join("")}</g>`;
}

const valueMark = (x: number, y: number, color: string, theme: Theme) =>
  `<circle cx="${at(x)}" cy="${at(y)}" r="6" fill="${color}" stroke="${theme.ground}" stroke-width="1.5"/>`;
const chanceMark = (x: number, y: number, theme: Theme) =>
  `<path d="M${at(x)} ${at(y - 8)}v16" stroke="${theme.soft}" stroke-width="2.5"/>`;
const mixedMark = (x: number, y: number, theme: Theme) =>
  `<path d="M${at(x)} ${at(y - 6)}l6 6l-6 6l-6 -6Z" fill="${theme.ground}" stroke="${theme.soft}" stroke-width="1.8"/>`;
const randomMark = (x: number, y: number, theme: Theme) =>
  `<rect x="${at(x - 5)}" y="${at(y - 5)}" width="10" height="10" fill="${theme.ground}" stroke="${theme.soft}" stroke-width="1.8"/>`;

function legend(o: Outcome, width: number, theme: Theme): { parts: string[]; height: number } {
  const some = (of: (r: OutcomeRow) => number | null) => o.rows.some((r) => of(r) !== null);
  const entries = [
    { mark: (x: number, y: number) => valueMark(x, y, theme.accent, theme), words: "trained networks, 95 % interval" },
    ...(some((r) => r.random)
      ? [{ mark: (x: number, y: number) => randomMark(x, y, theme), words: "two shuffled networks" }]
      : []),
    ...(some((r) => r.mixed)
      ? [{ mark: (x: number, y: number) => mixedMark(x, y, theme), words: "one of two shuffled" }]
      : []),
    ...(some((r) => r.chance) ? [{ mark: (x: number, y: number) => chanceMark(x, y, theme), words: o.chance }] : []),
  ];
  const parts: string[] = [];
  let [x, y] = [SIDE + 6, 14];
  for (const { mark, words } of entries) {
    const wide = 22 + 6.6 * words.length;
    if (x > SIDE + 6 && x + wide > width) [x, y] = [SIDE + 6, y + 22];
    parts.push(mark(x, y), text(x + 13, y + 4, escapeText(words), { size: 12, fill: theme.soft }));
    x += wide + 12;
  }
  return { parts: [`<g aria-hidden="true">${parts.join("")}</g>`], height: y + 10 };
}
