import type { JSX } from "preact";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { num } from "../blocks.js";
import { layerShort, networkName } from "../model.js";
import { Term } from "../parts/explained.js";
import { Scroll } from "../parts/scroll.js";
import { LayerName } from "../parts/words.js";

/** An interval, or nothing where it is a point. */
function interval(low: number | null, high: number | null): string {
  return low === null || high === null || number(low) === number(high) ? "" : `(${number(low)} to ${number(high)})`;
}

/** From which depth on each network has a named concept. `rows`: those of emergence.csv of one concept. */
export function Emergence({ rows }: { rows: readonly Row[] }): JSX.Element | null {
  if (rows.length === 0) return null;
  const doubtful = rows.some((r) => r.layer !== null && r.present !== true);
  return (
    <div class="best">
      <h3>From which depth on</h3>
      <Scroll label="from which depth on each network has the concept">
        <table class="free">
          <thead>
            <tr>
              <th scope="col">network</th>
              <th scope="col">
                from <Term of="depth" />
              </th>
              <th scope="col" class="name">
                best layer
              </th>
              <th scope="col">
                <Term of="set IoU" />
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={String(r.model)} class={r.present === true ? undefined : "doubtful"}>
                <td class="name">
                  <bdi>{networkName(r.model)}</bdi>
                </td>
                <td class="spread">
                  {r.layer === null ? "no layer has it" : number(num(r.depth))}{" "}
                  {r.layer === null ? null : <span class="soft">{interval(num(r.depth_low), num(r.depth_high))}</span>}
                  {r.layer === null || r.present === true ? null : <span class="mark">not present</span>}
                </td>
                <td class="name" title={r.best_layer === null ? undefined : String(r.best_layer)}>
                  {r.layer === null ? "–" : <LayerName>{layerShort(r.model, r.best_layer)}</LayerName>}
                </td>
                <td>{r.layer === null ? "–" : number(num(r.best_iou))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {doubtful ? <p class="note">Not present: no layer beats every baseline, so the concept does not count.</p> : null}
    </div>
  );
}

/** Whether two networks have the same concepts from the same depth on. `rows`: emergence_tests.csv. */
export function EmergenceTests({ rows }: { rows: readonly Row[] }): JSX.Element {
  return (
    <>
      <h3>Do they emerge at the same depth?</h3>
      <p class="note">
        Mean distance in depth at which two networks come to have a concept, beside the same with the layers permuted
        and with shuffled networks.
      </p>
      <Scroll label="do they emerge at the same depth">
        <table class="free">
          <thead>
            <tr>
              <th scope="col">networks</th>
              <th scope="col" class="name">
                depth to
              </th>
              <th scope="col">concepts</th>
              <th scope="col">apart</th>
              <th scope="col">layers permuted</th>
              <th scope="col">p</th>
              <th scope="col">shuffled networks</th>
              <th scope="col">rank correlation</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={`${r.model_a} ${r.model_b} ${r.scale}`}>
                <td class="name">
                  <bdi>{networkName(r.model_a)}</bdi> and <bdi>{networkName(r.model_b)}</bdi>
                </td>
                <td class="name">{r.scale === "head_depth" ? "the nearest head" : "the network's end"}</td>
                <td>{String(r.concepts)}</td>
                <td>
                  <b>{number(num(r.mean_difference))}</b>
                </td>
                <td>{number(num(r.chance_difference))}</td>
                <td>{number(num(r.p_value), 3)}</td>
                <td>{number(num(r.shuffled_difference))}</td>
                <td>{number(num(r.spearman))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
