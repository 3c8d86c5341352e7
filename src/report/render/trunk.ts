import type { Theme } from "./color.js";
import { networkColor } from "./color.js";
import type { Figure } from "./svg.js";
import { svg, text } from "./svg.js";
import { at, escapeText, label, number } from "./text.js";

export interface TrunkNetwork {
  readonly id: string;
  /** Place in the study: its colour. */
  readonly network: number;
  readonly note: string;
  readonly taps: readonly {
    readonly name: string;
    readonly depth: number;
    readonly channels: number;
    readonly height: number;
    readonly width: number;
  }[];
}

const ROW = 128;
const TALLEST = 76;

/** The taps of each network as slabs along relative depth: as high as the map is fine, as thick as it has channels. */
export function trunkFigure(networks: readonly TrunkNetwork[], width: number, theme: Theme): Figure {
  const [left, right] = [14, 14];
  const height = networks.length * ROW + 30;
  const x = (depth: number) => left + depth * (width - left - right);
  const finest = Math.max(...networks.flatMap((n) => n.taps.map((t) => t.height)), 1);
  const parts: string[] = [];
  networks.forEach((n, row) => {
    const middle = row * ROW + 30 + TALLEST / 2;
    const color = networkColor(n.network, theme);
    const room = Math.floor((width - 20) / 8.2);
    parts.push(
      text(
        left,
        row * ROW + 16,
        `<tspan font-weight="600" fill="${color}">${label(n.id, Math.min(60, room))}</tspan>${room - n.id.length > n.note.length + 3 ? `<tspan fill="${theme.soft}" font-size="12" dx="8">${escapeText(n.note)}</tspan>` : ""}`,
        { size: 13, title: n.id },
      ),
      `<path d="M${at(x(0))} ${at(middle)}H${at(x(1))}" stroke="${theme.line}" stroke-width="2"/>`,
    );
    let free = Number.NEGATIVE_INFINITY;
    n.taps.forEach((tap, i) => {
      const tall = Math.max(9, TALLEST * Math.sqrt(tap.height / finest));
      const thick = 3 + 1.1 * Math.log2(Math.max(2, tap.channels));
      const cx = x(tap.depth);
      const said = `${i + 1}. ${tap.name}: depth ${number(tap.depth)}, ${tap.channels} channels of ${tap.height} x ${tap.width}`;
      parts.push(
        `<rect x="${at(cx - thick / 2)}" y="${at(middle - tall / 2)}" width="${at(thick)}" height="${at(tall)}" rx="2.5" fill="${color}" fill-opacity="0.82" stroke="${theme.ground}" stroke-width="1"><title>${escapeText(said)}</title></rect>`,
      );
      const words = `${tap.height}²`;
      if (cx - 10 > free) {
        parts.push(
          text(cx, middle + TALLEST / 2 + 14, tap.height === tap.width ? words : `${tap.height}×${tap.width}`, {
            anchor: "middle",
            size: 11,
            fill: theme.soft,
          }),
        );
        free = cx + 20;
      }
    });
  });
  const y = networks.length * ROW + 14;
  for (const d of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(
      `<path d="M${at(x(d))} ${y - 12}v5" stroke="${theme.soft}"/>`,
      text(x(d), y + 6, d === 0 ? "input" : d === 1 ? "output" : number(d), {
        anchor: d === 0 ? "start" : d === 1 ? "end" : "middle",
        size: 11,
        fill: theme.soft,
      }),
    );
  }
  return {
    svg: svg({ width, height }, "Where the networks are tapped, over relative depth", parts, theme),
    table: {
      columns: ["network", "layer", "depth", "channels", "height", "width"],
      rows: networks.flatMap((n) => n.taps.map((t) => [n.id, t.name, t.depth, t.channels, t.height, t.width])),
    },
  };
}
