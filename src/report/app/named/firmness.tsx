import type { JSX } from "preact";
import { networkColor } from "../../render/color.js";
import { curvesFigure } from "../../render/curves.js";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { num } from "../blocks.js";
import { layerShort, models, names, trained } from "../model.js";
import { FigureBox } from "../parts/figure.js";
import { Select } from "../parts/select.js";
import type { State } from "../state.js";
import { go } from "../state.js";
import { useTable } from "../use.js";
import { OverDepth } from "./overdepth.js";

const MEASURES = {
  consistency: {
    label: "consistency",
    axis: "mean cosine of the vectors of fits on resampled photographs",
    note: "1: other photographs of the same kind would give the same vector.",
  },
  separation: {
    label: "separation",
    axis: "1 − largest |cosine| with another concept's vector",
    note: "0: another named concept has the same vector, 1: none points the same way.",
  },
  stability: {
    label: "stability",
    axis: "consistency × separation",
    note: "High only for a vector that is both firm and its own.",
  },
} as const;
type Measure = keyof typeof MEASURES;

interface Props {
  readonly concept: string;
  /** Rows of probes.csv of this concept. */
  readonly probes: readonly Row[];
  readonly state: State;
}

/** How firm a named concept's vectors are, and whether its photographs are enough. */
export function Firmness({ concept, probes, state }: Props): JSX.Element | null {
  const measure: Measure = state.firm !== undefined && state.firm in MEASURES ? (state.firm as Measure) : "consistency";
  const { label, axis, note } = MEASURES[measure];
  if (!probes.some((r) => r.consistency !== null || r.separation !== null)) return null;
  return (
    <>
      <h3>How firm its vectors are</h3>
      <div class="controls">
        <Select
          label="Firmness"
          value={measure}
          options={Object.entries(MEASURES).map(([id, m]) => [id, m.label])}
          set={(v) => go({ firm: v })}
        />
      </div>
      <OverDepth
        name={`${label} ${concept}`}
        title={`${label} of the vectors of ${concept} over depth`}
        axis={axis}
        rows={probes}
        column={measure}
        yMax={1}
        point={(r) => ({
          hollow: r.present !== true,
          title: `${r.model}, ${layerShort(r.model, r.layer)}: ${label} ${number(num(r[measure]))}${r.present ? "" : ", not present"}`,
        })}
        caption={`${note} Hollow: the layer's probe does not beat every baseline.`}
      />
      <Enough concept={concept} probes={probes} state={state} />
    </>
  );
}

/** Cosine against the number of photographs, in each network's best layer or another one. */
function Enough({ concept, probes, state }: Props): JSX.Element | null {
  const { value: table } = useTable("sample_size");
  if (!table || table.length === 0) return null;
  const quality = (r: Row) => num(r.iou_calibrated) ?? -1;
  const own = table.filter((r) => r.concept === concept);
  const deepest = state.enough === "deepest";
  const lines = trained.flatMap((n) => {
    const layers = probes.filter((r) => r.model === models[n]!.id);
    const chosen = deepest
      ? layers.reduce((m, r) => (Number(r.depth) > Number(m.depth) ? r : m), layers[0]!)
      : layers.reduce((m, r) => (quality(r) > quality(m) ? r : m), layers[0]!);
    const rows = own.filter((r) => r.model === models[n]!.id && r.layer === chosen?.layer);
    return rows.length === 0
      ? []
      : [{ network: n, layer: String(chosen!.layer), all: Number(chosen!.fit_positives), rows }];
  });
  if (lines.length === 0) return null;
  const most = Math.max(1, ...lines.flatMap((l) => [l.all, ...l.rows.map((r) => Number(r.images))]));
  return (
    <>
      <h3>Are its photographs enough?</h3>
      <div class="controls">
        <Select
          label="Layer"
          value={deepest ? "deepest" : "best"}
          options={[
            ["best", "each network's best"],
            ["deepest", "each network's deepest"],
          ]}
          set={(v) => go({ enough: v })}
        />
      </div>
      <FigureBox
        name={`sample size ${concept}`}
        most={1000}
        deps={[concept, deepest, table, probes]}
        draw={(width, theme) =>
          curvesFigure(
            {
              title: `Cosine of vectors of ${concept} against the number of photographs`,
              xLabel: "photographs with the concept in each of two sets",
              yLabel: "mean cosine",
              yMax: 1,
              xAxis: { max: most, ticks: ticksTo(most) },
              mark: { x: most, label: "all that there are" },
              curves: lines.flatMap(({ network, layer, rows }) => {
                const curve = (column: "cosine" | "cosine_full", what: string, dashed: boolean) => ({
                  name: dashed ? "" : names[network]!,
                  color: networkColor(network, theme),
                  dashed,
                  points: rows
                    .map((r) => ({
                      x: Number(r.images),
                      y: num(r[column]),
                      hollow: dashed,
                      title: `${names[network]}, ${layerShort(r.model, layer)}, ${r.images} photographs: cosine ${number(num(r[column]))} ${what}`,
                    }))
                    .sort((p, q) => p.x - q.x),
                });
                return [
                  curve("cosine", "between the vectors of two separate sets", false),
                  curve("cosine_full", "with the vector of all photographs", true),
                ];
              }),
            },
            width,
            theme,
          )
        }
        caption="Solid: vectors of two sets that share no photograph. Dashed: with the vector of all photographs. A line that still climbs at its end says that more photographs would change the vector; one that is flat and high, that there are enough. Sets cannot be larger than half of all photographs."
      />
      <ul class="plain">
        {lines.map(({ network, layer, all, rows }) => {
          const last = rows.reduce((m, r) => (Number(r.images) > Number(m.images) ? r : m), rows[0]!);
          return (
            <li key={network}>
              <bdi>{names[network]}</bdi>, <bdi title={layer}>{layerShort(names[network], layer)}</bdi>: two separate
              sets of {String(last.images)} of the {all} photographs give vectors of cosine {number(num(last.cosine))}.
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Whole numbers from 0, about five. */
function ticksTo(most: number): number[] {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = Math.max(1, [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough) ?? 10 * power);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
