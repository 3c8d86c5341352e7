import type { JSX } from "preact";
import { number } from "../../render/text.js";
import type { Measure } from "../model.js";
import { cellOf, doubt, interval, layers, names, ownMethod, shortName } from "../model.js";
import { Term } from "../parts/explained.js";
import { Scroll } from "../parts/scroll.js";
import { LayerName } from "../parts/words.js";
import { hrefOf } from "../state.js";
import type { PairMatrix } from "./matrixdata.js";

interface Props {
  readonly a: number;
  readonly b: number;
  readonly method: string;
  readonly measure: Measure;
  readonly of: PairMatrix;
}

/** Which layer of the second network each layer of the first is most like: the ridge of the matrix in words. */
export function BestPartners({ a, b, method, measure, of }: Props): JSX.Element {
  const { matrix, rows, cols } = of;
  const best = matrix.cells.flatMap((one, i) => {
    if (!one.ridge) return [];
    const [r, c] = [rows[Math.floor(i / cols.length)]!, cols[i % cols.length]!];
    const cell = cellOf(method, r, c);
    return cell ? [{ r, c, cell, value: one.value, care: doubt(cell.flags) }] : [];
  });
  const own = method === ownMethod;
  const whole = own && measure.id === "similarity";
  return (
    <div class="best">
      <h3>
        {a === b ? (
          "Which other layer each is most like"
        ) : (
          <>
            What each layer of <bdi title={names[a]}>{shortName(a, 40)}</bdi> is most like in{" "}
            <bdi title={names[b]}>{shortName(b, 40)}</bdi>
          </>
        )}
      </h3>
      <Scroll label={`best partners of the layers of ${names[a]}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                layer, <Term of="depth" />
              </th>
              <th scope="col" class="name">
                most like
              </th>
              <th scope="col">{whole ? <Term of="similarity S′">S′</Term> : measure.label}</th>
              {whole ? (
                <th scope="col">
                  <Term of="95 % interval" />
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {best.map(({ r, c, cell, value, care }) => (
              <tr key={r} class={care ? "doubtful" : undefined}>
                <td class="name" title={layers[r]!.name}>
                  <LayerName>{layers[r]!.short}</LayerName> <span class="soft">{number(layers[r]!.depth)}</span>
                </td>
                <td class="name" title={care ? `${layers[c]!.name}; take care: ${care}` : layers[c]!.name}>
                  {own ? (
                    <a href={hrefOf({ view: "layers", pair: `${a}-${b}`, cell: `${r}-${c}` })}>
                      <LayerName>{layers[c]!.short}</LayerName>
                    </a>
                  ) : (
                    <LayerName>{layers[c]!.short}</LayerName>
                  )}{" "}
                  <span class="soft">{number(layers[c]!.depth)}</span>
                  {care ? <span class="mark">take care</span> : null}
                </td>
                <td>
                  <b>{number(value, measure.digits)}</b>
                </td>
                {whole ? <td>{interval(cell)}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {best.length === 0 ? <p class="note">No cell of this measure has a value.</p> : null}
    </div>
  );
}
