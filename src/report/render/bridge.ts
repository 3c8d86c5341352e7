import { scaleLinear } from "d3-scale";
import type { Theme } from "./color.js";
import type { Figure } from "./svg.js";
import { svg, text } from "./svg.js";
import { at, escapeText, label, number } from "./text.js";

export interface BridgeNetwork {
  readonly name: string;
  readonly color: string;
  /** What the probes reach, shallow to deep. */
  readonly probes: readonly { readonly depth: number; readonly iou: number | null }[];
  /** Mined concepts of this name. */
  readonly mined: readonly {
    readonly depth: number;
    readonly iou: number;
    readonly title: string;
    readonly key: string;
  }[];
}

export interface Bridge {
  readonly title: string;
  readonly concepts: readonly { readonly name: string; readonly networks: readonly BridgeNetwork[] }[];
}

const PANEL = { least: 250, top: 28, left: 34, bottom: 30, right: 10, height: 168 };
const GAP = 20;

/** A panel a named concept, both methods on one axis of depth and one of set IoU: lines are probes, dots mined concepts that the labels name so (`data-key`). */
export function bridgeFigure(b: Bridge, width: number, theme: Theme): Figure {
  const columns = Math.max(1, Math.min(b.concepts.length, 4, Math.floor((width + GAP) / (PANEL.least + GAP))));
  const w = (width - GAP * (columns - 1)) / columns;
  const rows = Math.ceil(b.concepts.length / columns);
  const height = Math.max(1, rows) * (PANEL.height + GAP) - GAP + 16;
  const values = b.concepts.flatMap((c) =>
    c.networks.flatMap((n) => [...n.probes.map((p) => p.iou ?? 0), ...n.mined.map((m) => m.iou)]),
  );
  const y = scaleLinear([0, Math.max(0.1, ...values)], [PANEL.height - PANEL.bottom, PANEL.top]).nice(3);
  const x = scaleLinear([0, 1], [PANEL.left, w - PANEL.right]);
  const parts = b.concepts.map((c, i) => {
    const [left, top] = [(i % columns) * (w + GAP), Math.floor(i / columns) * (PANEL.height + GAP)];
    return `<g transform="translate(${at(left)} ${at(top)})">${panel(c, x, y, w, theme)}</g>`;
  });
  parts.push(
    text(0, height - 2, "across: relative depth; up: set IoU with the labels", { size: 11, fill: theme.soft }),
  );
  return {
    svg: svg({ width, height }, b.title, parts, theme, "group"),
    table: {
      columns: ["named concept", "network", "method", "relative depth", "set IoU", "what"],
      rows: b.concepts.flatMap((c) =>
        c.networks.flatMap((n) => [
          ...n.probes.map((p) => [c.name, n.name, "probe", p.depth, p.iou, ""]),
          ...n.mined.map((m) => [c.name, n.name, "mined", m.depth, m.iou, m.title]),
        ]),
      ),
    },
  };
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

function panel(c: Bridge["concepts"][number], x: Scale, y: Scale, w: number, theme: Theme): string {
  const count = c.networks.reduce((s, n) => s + n.mined.length, 0);
  const parts = [
    text(0, 15, label(c.name, Math.floor((w - 84) / 8.4)), { weight: 600, size: 13, title: c.name }),
    text(w - PANEL.right, 15, count === 0 ? "none mined" : `${count} mined`, {
      anchor: "end",
      size: 11,
      fill: theme.soft,
    }),
  ];
  for (const t of y.ticks(3)) {
    parts.push(
      `<path d="M${PANEL.left} ${at(y(t))}H${at(w - PANEL.right)}" stroke="${theme.line}" stroke-width="${t === 0 ? 1.4 : 0.8}"/>`,
      text(PANEL.left - 5, y(t) + 4, number(t, 1), { anchor: "end", size: 11, fill: theme.soft }),
    );
  }
  for (const t of [0, 0.5, 1])
    parts.push(
      text(x(t), PANEL.height - PANEL.bottom + 16, number(t, 1), {
        anchor: t === 0 ? "start" : t === 1 ? "end" : "middle",
        size: 11,
        fill: theme.soft,
      }),
    );
  for (const n of c.networks) {
    const seen = n.probes.filter((p): p is { depth: number; iou: number } => p.iou !== null);
    if (seen.length > 0)
      parts.push(
        `<path d="M${seen.map((p) => `${at(x(p.depth))} ${at(y(p.iou))}`).join("L")}" fill="none" stroke="${n.color}" stroke-width="1.8" stroke-linejoin="round"><title>${escapeText(`${n.name}: probes of ${c.name}`)}</title></path>`,
      );
  }
  for (const n of c.networks)
    for (const m of n.mined)
      parts.push(
        `<g data-key="${escapeText(m.key)}" role="link" tabindex="-1" aria-label="${escapeText(m.title)}"><title>${escapeText(m.title)}</title><circle cx="${at(x(m.depth))}" cy="${at(y(m.iou))}" r="10" fill="transparent"/><circle cx="${at(x(m.depth))}" cy="${at(y(m.iou))}" r="5" fill="${n.color}" fill-opacity="0.82" stroke="${theme.ground}" stroke-width="1.4"/></g>`,
      );
  return parts.join("");
}
