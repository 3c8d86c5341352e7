import type { JSX } from "preact";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { num } from "../blocks.js";
import { layerShort, networkName } from "../model.js";
import { Details } from "../parts/details.js";
import { Scroll } from "../parts/scroll.js";
import { Select, SelectName } from "../parts/select.js";
import { LayerName } from "../parts/words.js";
import type { State } from "../state.js";
import { go } from "../state.js";
import { useTable } from "../use.js";
import { Emergence, EmergenceTests } from "./emergence.js";
import { Firmness } from "./firmness.js";
import { OverDepth } from "./overdepth.js";
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
            <SelectName label="Concept" value={concept} names={concepts} set={(v) => go({ named: v })} />
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
            <OverDepth
              name={`emergence ${concept}`}
              title={`How well each layer knows ${concept}`}
              axis="set IoU with the labels, calibrated"
              rows={own}
              column="iou_calibrated"
              scale={scale}
              point={(r) => ({
                low: num(r.ci_low),
                high: num(r.ci_high),
                hollow: r.present !== true,
                title: `${r.model}, ${layerShort(r.model, r.layer)}: ${number(num(r.iou_calibrated))}${r.present ? "" : `, not present: ${r.why_not}`}`,
              })}
              caption="Bands: 95 % intervals over test photographs. Hollow: the probe does not beat every baseline (best single channel, average mask, shuffled network)."
            />
            <Emergence rows={(emergence ?? []).filter((r) => r.concept === concept)} />
          </div>
          <Baselines rows={own} />
          <Firmness concept={concept} probes={own} state={state} />
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
    <Details title="Every layer beside its baselines">
      <Scroll label="quality and baselines">
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
                  <bdi>{networkName(r.model)}</bdi>, <LayerName>{layerShort(r.model, r.layer)}</LayerName>
                </td>
                {columns.map(([id]) => (
                  <td key={id}>{number(num(r[id]))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Details>
  );
}
