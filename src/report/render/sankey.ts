import type { SankeyLink, SankeyNode } from "d3-sankey";
import { sankey, sankeyLinkHorizontal } from "d3-sankey";
import type { Theme } from "./color.js";
import type { Figure } from "./svg.js";
import { svg, text } from "./svg.js";
import { at, escapeText, label, number } from "./text.js";

export interface FlowNode {
  /** Unique; what the node opens. */
  readonly id: number;
  readonly column: number;
  readonly title: string;
  readonly short: string;
}

export interface Flow {
  readonly title: string;
  readonly columns: readonly { readonly label: string; readonly depth: number }[];
  readonly nodes: readonly FlowNode[];
  readonly links: readonly { readonly from: number; readonly to: number; readonly value: number }[];
}

type Node = SankeyNode<{ id: number; column: number; node: FlowNode | null }, { weight: number }>;
type Link = SankeyLink<{ id: number; column: number; node: FlowNode | null }, { weight: number }>;

/** Hues of lineages, for light and dark grounds. */
const LINEAGE = {
  light: ["#0072b2", "#d55e00", "#009e73", "#b0508a", "#a37b00", "#3d93c4", "#7a5195", "#5b8c2a", "#c43c4e", "#4d6a8a"],
  dark: ["#56b4e9", "#f0883e", "#2bc59b", "#dd8fbc", "#e6b422", "#9fd3f2", "#b49ae0", "#a5cf6a", "#ff8a94", "#9db4cc"],
} as const;

const TOP = 8;
const NODE = 12;

/**
 * Concepts through the layers of a network: a column a layer, a block a concept, a band where two share their masks, as wide as they do. What leads to a
 * concept of the last layer has that concept's colour. Blocks are reached by `data-key`.
 */
export function flowFigure(flow: Flow, width: number, theme: Theme): Figure {
  const most = Math.max(1, ...flow.columns.map((_, c) => flow.nodes.filter((n) => n.column === c).length));
  const bottom = 66;
  const height = TOP + Math.max(150, Math.min(900, most * 27)) + bottom;
  const used = laidOut(flow, width, height - bottom, most);
  const color = lineages(flow, theme);
  const parts: string[] = [];
  const path = sankeyLinkHorizontal<Node, Link>();
  for (const l of used.links) {
    const [from, to] = [l.source as Node, l.target as Node];
    if (!from.node || !to.node) continue;
    const said = `${from.node.title} to ${to.node.title}: J* ${number(l.weight)}`;
    parts.push(
      `<path class="band" data-from="${from.id}" data-to="${to.id}" d="${path(l)!.replace(/-?\d+\.\d+/g, (v) => at(Number(v)))}" fill="none" stroke="${color.get(to.id) ?? theme.soft}" stroke-opacity="${color.has(to.id) ? 0.42 : 0.2}" stroke-width="${at(Math.max(1, l.width!))}"><title>${escapeText(said)}</title></path>`,
    );
  }
  for (const n of used.nodes) {
    if (!n.node) continue;
    const tall = Math.max(5, n.y1! - n.y0!);
    parts.push(
      `<g data-key="${n.id}" role="link" tabindex="-1" aria-label="${escapeText(n.node.title)}"><title>${escapeText(n.node.title)}</title><rect class="ground" x="${at(n.x0!)}" y="${at(n.y0!)}" width="${NODE}" height="${at(tall)}" rx="2" fill="${color.get(n.id) ?? theme.soft}"/>${tall >= 11 ? text(n.column === flow.columns.length - 1 ? n.x0! - 4 : n.x1! + 4, (n.y0! + n.y1!) / 2 + 4, label(n.node.short, 16), { size: 10, fill: theme.soft, anchor: n.column === flow.columns.length - 1 ? "end" : "start", extra: `paint-order="stroke" stroke="${theme.ground}" stroke-width="3" pointer-events="none"` }) : ""}</g>`,
    );
  }
  const step = flow.columns.length > 1 ? (width - NODE) / (flow.columns.length - 1) : width;
  const signs = Math.floor((step - 14) / 6.9);
  flow.columns.forEach((c, i) => {
    const last = i === flow.columns.length - 1 && i > 0;
    const x = i * step + (i === 0 ? 0 : last ? NODE : NODE / 2);
    const anchor = i === 0 ? "start" : last ? "end" : "middle";
    const own = i === 0 || last ? signs * 0.68 : signs;
    parts.push(
      text(x, height - bottom + 22, label(c.label, Math.max(6, Math.floor(own))), { anchor, size: 11, title: c.label }),
      text(x, height - bottom + 38, number(c.depth), { anchor, size: 11, fill: theme.soft }),
    );
  });
  parts.push(text(width / 2, height - 8, "relative depth", { anchor: "middle", size: 11, fill: theme.soft }));
  const titles = new Map(flow.nodes.map((n) => [n.id, n.title]));
  return {
    svg: svg({ width, height }, flow.title, parts, theme, "group"),
    table: {
      columns: ["from", "to", "J*"],
      rows: flow.links.map((l) => [titles.get(l.from)!, titles.get(l.to)!, l.value]),
    },
  };
}

function laidOut(flow: Flow, width: number, height: number, most: number) {
  const columns = flow.columns.length;
  // a thread of no weight through all columns keeps each layer in its own, whatever is connected
  const threads = Array.from({ length: columns }, (_, c) => ({ id: -1 - c, column: c, node: null, fixedValue: 1e-6 }));
  const nodes: Node[] = [
    ...flow.nodes.map((n) => ({ id: n.id, column: n.column, node: n, fixedValue: 0 })),
    ...threads,
  ];
  const sums = new Map<number, [number, number]>(nodes.map((n) => [n.id, [0, 0]]));
  for (const l of flow.links) {
    sums.get(l.from)![0] += l.value;
    sums.get(l.to)![1] += l.value;
  }
  for (const n of nodes) if (n.node) n.fixedValue = Math.max(0.12, ...sums.get(n.id)!);
  const links = [
    ...flow.links.map((l) => ({ source: l.from, target: l.to, value: l.value, weight: l.value })),
    ...threads.slice(1).map((t, i) => ({ source: threads[i]!.id, target: t.id, value: 1e-6, weight: 0 })),
  ] as unknown as Link[];
  return sankey<Node, Link>()
    .nodeId((n) => n.id)
    .nodeAlign((n) => (n as Node).column)
    .nodeWidth(NODE)
    .nodePadding(Math.max(2, Math.min(9, (height / most) * 0.34)))
    .iterations(24)
    .extent([
      [0, TOP],
      [width, height],
    ])({ nodes, links });
}

/** Each concept takes the colour of the concept it goes on as most, from the last layer back. */
function lineages(flow: Flow, theme: Theme): Map<number, string> {
  const palette = LINEAGE[theme.name];
  const color = new Map<number, string>();
  const last = flow.columns.length - 1;
  flow.nodes
    .filter((n) => n.column === last)
    .forEach((n, i) => {
      color.set(n.id, palette[i % palette.length]!);
    });
  const strongest = [...flow.links].sort((a, b) => b.value - a.value);
  const column = new Map(flow.nodes.map((n) => [n.id, n.column]));
  for (let c = last - 1; c >= 0; c--) {
    for (const l of strongest) {
      const goes = color.get(l.to);
      if (column.get(l.from) === c && !color.has(l.from) && goes) color.set(l.from, goes);
    }
  }
  return color;
}

export interface SharedFlow {
  readonly title: string;
  /** Two networks, left and right; layers shallow to deep, each with its concepts. */
  readonly sides: readonly [SharedSide, SharedSide];
  readonly links: readonly { readonly from: number; readonly to: number; readonly value: number }[];
}

export interface SharedSide {
  readonly network: string;
  readonly color: string;
  readonly layers: readonly {
    readonly label: string;
    readonly depth: number;
    readonly concepts: readonly { readonly id: number; readonly title: string }[];
  }[];
}

/** Concepts of two networks, input at the top: a band joins two that are each other's best over all layers. Level bands: the same relative depth. */
export function sharedFigure(flow: SharedFlow, width: number, theme: Theme): Figure {
  const names = width > 560 ? 170 : width > 300 ? 108 : Math.round(0.3 * width);
  const most = Math.max(...flow.sides.map((s) => s.layers.reduce((sum, l) => sum + l.concepts.length, 0)), 1);
  const gap = 9;
  const unit = Math.min(9, Math.max(2, 560 / most));
  const tallest = Math.max(...flow.sides.map((s) => s.layers.length * gap)) + most * unit;
  const height = 34 + tallest + 8;
  const place = new Map<number, number>();
  const parts: string[] = [];
  const blocks: string[] = [];
  flow.sides.forEach((side, s) => {
    const x = s === 0 ? names : width - names - NODE;
    const anchor = s === 0 ? "end" : "start";
    const tx = s === 0 ? x - 7 : x + NODE + 7;
    parts.push(
      text(s === 0 ? 0 : width, 14, label(side.network, Math.floor(width / 2 / 8.2)), {
        anchor: s === 0 ? "start" : "end",
        weight: 600,
        fill: side.color,
        title: side.network,
      }),
    );
    const count = side.layers.reduce((sum, l) => sum + l.concepts.length, 0);
    const stretch = (tallest - side.layers.length * gap) / Math.max(1, count);
    let y = 28;
    for (const layer of side.layers) {
      const tall = layer.concepts.length * stretch;
      // the name over the depth, where both have room
      const below = tall >= 22;
      parts.push(
        text(tx, y + tall / 2 + (below ? -1 : 4), label(layer.label, Math.floor((names - 7) / 6.9)), {
          anchor,
          size: 10.5,
          title: layer.label,
        }),
        below ? text(tx, y + tall / 2 + 12, number(layer.depth), { anchor, size: 10.5, fill: theme.soft }) : "",
      );
      layer.concepts.forEach((c, i) => {
        place.set(c.id, y + (i + 0.5) * stretch);
        blocks.push(
          `<g data-key="${c.id}" role="link" tabindex="-1" aria-label="${escapeText(c.title)}"><title>${escapeText(c.title)}</title><rect class="ground" x="${x}" y="${at(y + i * stretch + 0.4)}" width="${NODE}" height="${at(Math.max(1.2, stretch - 0.8))}" fill="${side.color}" rx="1"/></g>`,
        );
      });
      y += tall + gap;
    }
  });
  const titles = new Map(
    flow.sides.flatMap((s) => s.layers.flatMap((l) => l.concepts.map((c) => [c.id, c.title] as const))),
  );
  const [xa, xb] = [names + NODE, width - names - NODE];
  const middle = (xa + xb) / 2;
  const bands = [...flow.links]
    .sort((a, b) => a.value - b.value)
    .map((l) => {
      const [ya, yb] = [place.get(l.from)!, place.get(l.to)!];
      return `<path class="band" data-from="${l.from}" data-to="${l.to}" d="M${xa} ${at(ya)}C${at(middle)} ${at(ya)} ${at(middle)} ${at(yb)} ${xb} ${at(yb)}" fill="none" stroke="${theme.accent}" stroke-opacity="${at(0.2 + 0.7 * Math.min(1, l.value))}" stroke-width="${at(Math.max(1, l.value * Math.min(9, unit * 1.4)))}"><title>${escapeText(`${titles.get(l.from)} and ${titles.get(l.to)}: J* ${number(l.value)}`)}</title></path>`;
    });
  return {
    svg: svg({ width, height }, flow.title, [...parts, ...bands, ...blocks], theme, "group"),
    table: {
      columns: ["concept", "partner", "J*"],
      rows: flow.links.map((l) => [titles.get(l.from)!, titles.get(l.to)!, l.value]),
    },
  };
}
