import type { JSX } from "preact";
import { networkColor } from "../../render/color.js";
import { curvesFigure } from "../../render/curves.js";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { Select } from "../layers/layers.js";
import { layerShort, models, names, trained } from "../model.js";
import { FigureBox } from "../parts/figure.js";
import type { State } from "../state.js";
import { go } from "../state.js";
import { useTable } from "../use.js";
import { Emergence, EmergenceTests } from "./emergence.js";
import { NamedFirm } from "./firmness.js";
import { NamedPairs } from "./pairs.js";
import { NamedPhotos } from "./photos.js";

const HEAD = "head_depth";

/** Concepts that people name: from which depth on each network has them, and how well. */
export function Named({ state }: { state: State }): JSX.Element {
  const { value: probes, error } = useTable("probes");
  const { value: emergence } = useTable("emergence");
  const { value: tests } = useTable("emergence_tests");
  const concepts = [...new Set((probes ?? []).map((r) => String(r.concept)))];
  const concept = concepts.find((c) => c === state.named) ?? concepts[0];
  const scale = state.scale === HEAD ? HEAD : "depth";
  const own = (probes ?? []).filter((r) => r.concept === concept);
  return (
    <section aria-labelledby="named-title">
      <h2 id="named-title">Concepts with names</h2>
      {error ? <p class="problem">{error}</p> : null}
      {concept === undefined ? null : (
        <>
          <div class="controls">
            <Select
              label="Concept"
              value={concept}
              options={concepts.map((c) => [c, c])}
              set={(v) => go({ named: v })}
            />
            <Select
              label="Depth to"
              value={scale}
              options={[
                ["depth", "the network's end"],
                [HEAD, "the nearest head"],
              ]}
              set={(v) => go({ scale: v })}
            />
          </div>
          <div class="besides">
            <FigureBox
              name={`emergence ${concept}`}
              most={1000}
              deps={[concept, scale, probes]}
              draw={(width, theme) =>
                curvesFigure(
                  {
                    title: `How well each layer knows ${concept}`,
                    xLabel: scale === HEAD ? "relative depth to the nearest head" : "relative depth",
                    yLabel: "set IoU with the labels, calibrated",
                    curves: trained.map((n) => ({
                      name: names[n]!,
                      color: networkColor(n, theme),
                      points: own
                        .filter((r) => r.model === models[n]!.id)
                        .map((r) => ({
                          x: r[scale] as number,
                          y: r.iou_calibrated as number | null,
                          low: r.ci_low as number | null,
                          high: r.ci_high as number | null,
                          hollow: r.present !== true,
                          title: `${names[n]}, ${layerShort(r.model, r.layer)}: ${number(r.iou_calibrated as number | null)}${r.present ? "" : `, not present: ${r.why_not}`}`,
                        }))
                        .sort((p, q) => p.x - q.x),
                    })),
                  },
                  width,
                  theme,
                )
              }
              caption="Bands: 95 % intervals over test photographs. Hollow: the probe does not beat every baseline (best single channel, average mask, shuffled network)."
            />
            <Emergence rows={(emergence ?? []).filter((r) => r.concept === concept)} />
          </div>
          <Baselines rows={own} />
          <NamedFirm concept={concept} probes={own} state={state} />
          <NamedPairs concept={concept} state={state} />
          <NamedPhotos concept={concept} probes={own} state={state} />
        </>
      )}
      {tests && tests.length > 0 ? <EmergenceTests rows={tests} /> : null}
    </section>
  );
}

function Baselines({ rows }: { rows: readonly Row[] }): JSX.Element {
  const columns = [
    ["depth", "depth"],
    ["iou_calibrated", "set IoU"],
    ["iou", "at 0.5"],
    ["filter_iou", "single channel"],
    ["mean_mask_iou", "average mask"],
    ["shuffled_iou", "shuffled"],
    ["consistency", "consistency"],
    ["separation", "separation"],
    ["stability", "stability"],
  ] as const;
  return (
    <details>
      <summary>Every layer beside its baselines</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="quality and baselines">
        <table>
          <thead>
            <tr>
              <th scope="col">layer</th>
              {columns.map(([id, label]) => (
                <th scope="col" key={id}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={`${r.model} ${r.layer}`}>
                <td class="name" title={String(r.layer)}>
                  <bdi>
                    {String(r.model)}, {layerShort(r.model, r.layer)}
                  </bdi>
                </td>
                {columns.map(([id]) => (
                  <td key={id}>{number(r[id] as number | null)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
