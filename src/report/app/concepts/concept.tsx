import type { JSX } from "preact";
import type { TensorFile } from "../../../contract/safetensors.js";
import { ABOVE_NULL, MUTUAL } from "../../partners.js";
import { networkColor } from "../../render/color.js";
import { curvesFigure } from "../../render/curves.js";
import { number, percent } from "../../render/text.js";
import { strongestOf } from "../blocks.js";
import {
  conceptAt,
  conceptTitle,
  layers,
  layersOf,
  manifest,
  models,
  names,
  shortName,
  trained,
  twins,
} from "../model.js";
import { Numbers } from "../parts/explained.js";
import { FigureBox } from "../parts/figure.js";
import type { TermName } from "../parts/meanings.js";
import { Legend } from "../parts/pairs.js";
import { Photo } from "../parts/photo.js";
import { Scroll } from "../parts/scroll.js";
import { LayerName } from "../parts/words.js";
import type { State } from "../state.js";
import { go, hrefOf } from "../state.js";
import { useBlocks, useTable } from "../use.js";

interface Partner {
  readonly layer: number;
  /** Place among all concepts. */
  readonly concept: number;
  readonly value: number;
  readonly mark: number;
}

function partnersOf(block: TensorFile, concept: number): Partner[] {
  const best = block.tensors.best!.data as Int32Array;
  const value = block.tensors.value!.data as Float32Array;
  const mark = block.tensors.mark!.data as Uint8Array;
  return layers.flatMap((l, m) => {
    const at = concept * layers.length + m;
    return best[at]! < 0 ? [] : [{ layer: m, concept: l.first + best[at]!, value: value[at]!, mark: mark[at]! }];
  });
}

/** One concept: where it is strong, who shares it, where it comes from and goes. */
export function Concept({ state }: { state: State }): JSX.Element {
  const total = manifest.concepts.energy.length;
  const concept = Math.min(total - 1, Math.max(0, Number(state.concept) || 0));
  const { layer, number: i } = conceptAt(concept);
  const own = layers[layer]!;
  const { value, error } = useBlocks(["concepts"]);
  const block = value?.[0];
  const partners = block ? partnersOf(block, concept) : [];
  const strongest = block ? strongestOf(block, concept) : [];
  const { concepts } = manifest;
  const withTwins = state.twins === "1";
  const shown = withTwins ? [...trained, ...twins] : trained;
  const facts: [TermName, string, string?][] = [
    ["energy", percent(concepts.energy[concept]), "share of the layer's energy"],
    ["stability", number(concepts.stability[concept]), "stability over refits"],
    ["share of test pixels", `${number(concepts.density[concept]! * 100, 1)} %`],
    ["explained", percent(own.explained), "the layer is explained to"],
    ["depth", number(own.depth), "relative depth"],
    ["to the nearest head", number(own.headDepth)],
    ["grid", `${own.gridH} × ${own.gridW}`],
  ];
  const unstable = (concepts.stability[concept] ?? 1) < 0.8;
  return (
    <section aria-labelledby="concept-title">
      <p class="crumbs">
        <a href={hrefOf({ view: "concepts", network: String(own.network) })}>
          Concepts of <bdi>{shortName(own.network)}</bdi>
        </a>
      </p>
      <h2 id="concept-title">
        Concept {i + 1} of <bdi>{own.short}</bdi>
      </h2>
      <p class="note">
        <bdi>{shortName(own.network)}</bdi>, layer <bdi>{own.name}</bdi>
        <span class="stepper">
          <a href={hrefOf({ view: "concept", concept: String(own.first + ((i + own.k - 1) % own.k)) })}>previous</a>
          <a href={hrefOf({ view: "concept", concept: String(own.first + ((i + 1) % own.k)) })}>next</a>
        </span>
      </p>
      <Names concept={concept} />
      {unstable ? (
        <p class="care box">
          Take care: mined again from other photographs this concept comes back only in part (stability{" "}
          {number(concepts.stability[concept])}, below 0.8).
        </p>
      ) : null}
      <Numbers of={facts} />
      {error ? <p class="problem">{error}</p> : null}
      <h3>Where it is strongest</h3>
      <div class="photos crops">
        {strongest.slice(0, 12).map((p) => (
          <Photo key={p} photo={p} a={concept} crop spotlight says="where the concept is strong" />
        ))}
        {block && strongest.length === 0 ? <p class="note">It shows on none of the photographs of this page.</p> : null}
      </div>
      <h3>Its best partner in every layer</h3>
      {block ? (
        <FigureBox
          name={`partners concept ${i + 1} ${own.short}`}
          most={1100}
          deps={[concept, block, withTwins]}
          open={(key) => go({ view: "concept", concept: key }, true)}
          draw={(width, theme) =>
            curvesFigure(
              {
                title: `Best partners of ${conceptTitle(concept)} over relative depth`,
                xLabel: "relative depth",
                yLabel: "agreement J* with the best partner",
                mark: { x: own.depth, label: "this layer" },
                yMax: Math.max(
                  0.2,
                  ...partners.filter((p) => shown.includes(layers[p.layer]!.network)).map((p) => p.value),
                ),
                curves: shown.map((n) => ({
                  name: names[n]!,
                  color: networkColor(n, theme),
                  dashed: twins.includes(n),
                  points: partners
                    .filter((p) => layers[p.layer]!.network === n)
                    .map((p) => ({
                      x: layers[p.layer]!.depth,
                      y: p.value,
                      hollow: !(p.mark & ABOVE_NULL),
                      ring: (p.mark & MUTUAL) !== 0,
                      key: String(p.concept),
                      title: `${conceptTitle(p.concept)}: J* ${number(p.value)}${p.mark & MUTUAL ? ", each other's best" : ""}${p.mark & ABOVE_NULL ? "" : ", not above chance"}`,
                    })),
                })),
              },
              width,
              theme,
            )
          }
          caption="A ring: the two are each other's best. Hollow: no more than pairs of concepts reach with the photographs permuted. Choose a point to open the partner."
        />
      ) : null}
      {block && strongest.length > 0 ? (
        <Through concept={concept} partners={partners} photo={strongest[0]!} shown={shown} />
      ) : null}
    </section>
  );
}

/** The same photograph with the best partner in each layer, network by network. */
function Through(p: {
  concept: number;
  partners: readonly Partner[];
  photo: number;
  shown: readonly number[];
}): JSX.Element {
  const own = conceptAt(p.concept).layer;
  const best = new Map(p.partners.map((one) => [one.layer, one]));
  return (
    <>
      <h3>The same photograph through the layers</h3>
      <Legend first="this concept" second="its best partner in that layer" />
      {p.shown.map((n) => (
        <div key={n} class="strip">
          <h4>
            <bdi>{shortName(n)}</bdi>
          </h4>
          <Scroll also="row" label={`best partners in ${names[n]}`}>
            {layersOf(n).map((l) => {
              const one = best.get(l);
              const here = l === own;
              return (
                <div key={l} class={here ? "stop here" : "stop"}>
                  <Photo
                    photo={p.photo}
                    a={p.concept}
                    b={one?.concept}
                    says={one ? `this concept and its best partner in ${layers[l]!.short}` : "this concept"}
                  />
                  <p>
                    {here ? (
                      <b>this concept</b>
                    ) : one ? (
                      <a href={hrefOf({ view: "concept", concept: String(one.concept) })}>
                        <LayerName>{layers[l]!.short}</LayerName>, {one.concept - layers[l]!.first + 1}
                      </a>
                    ) : (
                      "none"
                    )}
                    <span class="soft">
                      {" "}
                      {number(layers[l]!.depth)}
                      {one && !here ? ` · J* ${number(one.value)}` : ""}
                    </span>
                  </p>
                </div>
              );
            })}
          </Scroll>
        </div>
      ))}
    </>
  );
}

/** The name that labels give it, and its nearest names; nothing where the study has no labels. */
function Names({ concept }: { concept: number }): JSX.Element | null {
  const { value: rows } = useTable("bridge");
  if (!("bridge" in manifest.tables)) return null;
  const { layer, number: i } = conceptAt(concept);
  const row = rows?.find(
    (r) => r.model === models[layers[layer]!.network]!.id && r.layer === layers[layer]!.name && r.concept === i,
  );
  if (!row) return null;
  return (
    <p class="names">
      {row.label ? (
        <>
          Looks like{" "}
          <b>
            <bdi>{String(row.label)}</bdi>
          </b>{" "}
          (set IoU {number(row.label_iou as number)}).
        </>
      ) : (
        <>
          No named concept fits it
          {row.best ? (
            <>
              ; the nearest is <bdi>{String(row.best)}</bdi> (set IoU {number(row.label_iou as number | null)})
            </>
          ) : null}
          .
        </>
      )}
      {row.nearest ? (
        <>
          {" "}
          Its vector points most nearly to <bdi>{String(row.nearest)}</bdi> (cosine{" "}
          {number(row.nearest_cosine as number)}).
        </>
      ) : null}
    </p>
  );
}
