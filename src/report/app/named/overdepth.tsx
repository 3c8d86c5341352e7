import type { JSX } from "preact";
import { networkColor } from "../../render/color.js";
import type { CurvePoint } from "../../render/curves.js";
import { curvesFigure } from "../../render/curves.js";
import type { Row } from "../blocks.js";
import { num } from "../blocks.js";
import { layers, layersOf, models, names, trained } from "../model.js";
import { FigureBox } from "../parts/figure.js";

interface Props {
  /** Of the files it is saved as. */
  readonly name: string;
  readonly title: string;
  readonly axis: string;
  /** Of one named concept, at most one a layer. */
  readonly rows: readonly Row[];
  /** Column that is drawn. */
  readonly column: string;
  readonly scale?: "depth" | "head_depth";
  readonly yMax?: number;
  /** How a row is drawn and what is said of it. */
  readonly point: (row: Row) => Omit<CurvePoint, "x" | "y" | "key">;
  readonly caption: string;
  /** A point opens its layer. */
  readonly open?: (layer: number) => void;
  readonly chosen?: number;
}

/** A number of a named concept in each layer, a curve a network. */
export function OverDepth(p: Props): JSX.Element {
  const { scale = "depth", open } = p;
  const curve = (network: number) =>
    layersOf(network)
      .flatMap((l) => {
        const row = p.rows.find((r) => r.model === models[network]!.id && r.layer === layers[l]!.name);
        if (!row) return [];
        return [{ ...p.point(row), x: Number(row[scale]), y: num(row[p.column]), key: open && String(l) }];
      })
      .sort((a, b) => a.x - b.x);
  return (
    <FigureBox
      name={p.name}
      most={1000}
      deps={[p.rows, p.column, scale]}
      open={open && ((key) => open(Number(key)))}
      chosen={p.chosen === undefined ? undefined : String(p.chosen)}
      draw={(width, theme) =>
        curvesFigure(
          {
            title: p.title,
            xLabel: scale === "head_depth" ? "relative depth to the nearest head" : "relative depth",
            yLabel: p.axis,
            ...(p.yMax === undefined ? {} : { yMax: p.yMax }),
            curves: trained.map((n) => ({ name: names[n]!, color: networkColor(n, theme), points: curve(n) })),
          },
          width,
          theme,
        )
      }
      caption={p.caption}
    />
  );
}
