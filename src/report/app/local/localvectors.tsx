import type { JSX } from "preact";
import { networkColor } from "../../render/color.js";
import { confusionFigure } from "../../render/confusion.js";
import { scatterFigure } from "../../render/scatter.js";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { num } from "../blocks.js";
import { layerShort, layers, layersOf, models, names, shortName, trained } from "../model.js";
import { OverDepth } from "../named/overdepth.js";
import { Numbers } from "../parts/explained.js";
import { FigureBox } from "../parts/figure.js";
import { Select, SelectName } from "../parts/select.js";
import type { State } from "../state.js";
import { go } from "../state.js";
import { useTable } from "../use.js";
import { LocalPhotos } from "./photos.js";

const MEASURES = {
  likeness: {
    label: "likeness of photographs",
    axis: "cosine of two photographs' vectors, noise of the fits removed",
    note: "1: the concept is one direction on all photographs; near 0: each photograph has its own.",
  },
  spread: {
    label: "spread",
    axis: "mean cosine distance to the mean direction",
    note: "0: all vectors are the same. What few cells alone would make of it stands in locations.csv as spread_noise.",
  },
  overlap: {
    label: "overlap",
    axis: "share of vectors whose nearest other is of another concept",
    note: "0: every vector lies nearest to one of its own concept. By chance it would be near 1 for a rare concept.",
  },
  iou: {
    label: "set IoU across halves",
    axis: "set IoU on the half it was not learned from",
    note: "How well a vector of one half of a photograph finds the concept on the other half.",
  },
} as const;
type Measure = keyof typeof MEASURES;

/** How a named concept's vectors of single photographs lie: spread, sub-clusters, overlap with other concepts. */
export function Local({ state }: { state: State }): JSX.Element {
  const { value: rows, error } = useTable("locations");
  const { value: images } = useTable("location_images");
  const { value: pairs } = useTable("location_pairs");
  const concepts = [...new Set((rows ?? []).map((r) => String(r.concept)))];
  const concept = concepts.find((c) => c === state.named) ?? concepts[0];
  const measure: Measure =
    state.lmeasure !== undefined && state.lmeasure in MEASURES ? (state.lmeasure as Measure) : "likeness";
  const network = trained.find((n) => String(n) === state.lnet) ?? trained[0]!;
  const own = layersOf(network);
  const row = (l: number) =>
    rows?.find((r) => r.model === models[network]!.id && r.layer === layers[l]!.name && r.concept === concept);
  // where a photograph's vector sees most of what it was not learned from
  const best = own.reduce((m, l) => ((num(row(l)?.iou) ?? -1) > (num(row(m)?.iou) ?? -1) ? l : m), own[0]!);
  const layer = own.find((l) => String(l) === state.llayer) ?? best;
  if (error) return <p class="problem">{error}</p>;
  const { label, axis, note } = MEASURES[measure];
  return (
    <section aria-labelledby="local-title">
      <h2 id="local-title">Photograph by photograph</h2>
      <p class="note">
        One vector for each photograph that shows the concept, learned on it alone (local concept embeddings). They tell
        whether a layer has one idea of the concept or several, and with which other concepts it mixes it up.
      </p>
      {concept === undefined || !rows ? null : (
        <>
          <div class="controls">
            <SelectName label="Concept" value={concept} names={concepts} set={(v) => go({ named: v })} />
            <Select
              label="Measure"
              value={measure}
              options={Object.entries(MEASURES).map(([id, m]) => [id, m.label])}
              set={(v) => go({ lmeasure: v })}
            />
          </div>
          <OverDepth
            name={`${label} ${concept}`}
            title={`${label} of the vectors of ${concept} over depth`}
            axis={axis}
            rows={rows.filter((r) => r.concept === concept)}
            column={measure}
            yMax={1}
            open={(l) => go({ lnet: String(layers[l]!.network), llayer: String(l) })}
            chosen={layer}
            point={(r) => ({
              ring: Number(r.clusters) > 1,
              title: `${r.model}, ${layerShort(r.model, r.layer)}: ${label} ${number(num(r[measure]))}, ${clustersSaid(r)}`,
            })}
            caption={`${note} Ringed: several sub-clusters. A point opens the layer below.`}
          />
          <div class="controls">
            <Select
              label="Network"
              value={String(network)}
              options={trained.map((n) => [String(n), names[n]!])}
              set={(v) => go({ lnet: v, llayer: "" })}
            />
            <Select
              label="Layer"
              value={String(layer)}
              options={own.map((l) => [
                String(l),
                `${layers[l]!.short}, depth ${number(layers[l]!.depth)}${l === best ? " (sees most)" : ""}`,
              ])}
              set={(v) => go({ lnet: String(network), llayer: v })}
            />
          </div>
          <Layer
            concept={concept}
            concepts={concepts}
            layer={layer}
            row={row(layer)}
            images={images ?? []}
            pairs={pairs ?? []}
            state={state}
          />
        </>
      )}
    </section>
  );
}

function clustersSaid(r: Row): string {
  if (Number(r.clusters) > 1) return `${r.clusters} sub-clusters (${String(r.cluster_sizes).replaceAll(";", ", ")})`;
  if (r.p_value === null) return "too few photographs for sub-clusters";
  return `no sub-clusters beyond chance (p ${number(num(r.p_value))})`;
}

interface LayerProps {
  readonly concept: string;
  readonly concepts: readonly string[];
  readonly layer: number;
  readonly row: Row | undefined;
  readonly images: readonly Row[];
  readonly pairs: readonly Row[];
  readonly state: State;
}

function Layer({ concept, concepts, layer, row, images, pairs, state }: LayerProps): JSX.Element | null {
  const { network, name, short } = layers[layer]!;
  const here = (r: Row) => r.model === models[network]!.id && r.layer === name;
  const vectors = images.filter(here);
  const own = vectors.filter((r) => r.concept === concept);
  const clusters = Math.max(1, ...own.map((r) => Number(r.cluster)));
  const sizes = Array.from({ length: clusters }, (_, c) => own.filter((r) => r.cluster === c + 1).length);
  const nearer = new Map(pairs.filter(here).map((r) => [JSON.stringify([r.concept, r.other]), num(r.nearer)]));
  if (!row) return null;
  const said = (column: string) => number(num(row[column]));
  return (
    <>
      <h3>
        <bdi>{concept}</bdi> in <bdi>{shortName(network, 40)}</bdi>, <bdi>{short}</bdi>
      </h3>
      <Numbers
        of={[
          ["likeness", said("likeness"), "likeness of photographs"],
          ["spread", said("spread"), `spread, ${said("spread_noise")} by noise alone`],
          ["overlap", said("overlap"), `overlap, ${said("overlap_chance")} by chance`],
          ["purity", said("purity"), `purity of the layer, ${said("purity_chance")} by chance`],
          ["set IoU across halves", said("iou")],
        ]}
      />
      <p>
        {String(row.images)} photographs: {clustersSaid(row)}.{" "}
        {row.confused_with === null ? null : (
          <>
            Most often mixed up with <bdi>{row.confused_with}</bdi>.
          </>
        )}
      </p>
      <div class="besides">
        <FigureBox
          name={`vectors ${concept} ${short}`}
          most={760}
          deps={[concept, layer, vectors.length]}
          open={(key) => go({ lrow: key })}
          chosen={state.lrow}
          draw={(width, theme) =>
            scatterFigure(
              {
                title: `Vectors of all concepts in ${short}; those of ${concept} by sub-cluster`,
                note: "first two principal components of all vectors of the layer",
                groups: sizes.map((size, c) => ({
                  name: clusters === 1 ? `all ${size} photographs` : `sub-cluster ${c + 1}: ${size}`,
                  color: networkColor(c, theme),
                })),
                points: vectors.map((r) => ({
                  x: Number(r.x),
                  y: Number(r.y),
                  group: r.concept === concept ? Number(r.cluster) - 1 : -1,
                  title: `${r.concept} in ${r.image}: cosine with its concept's mean ${number(num(r.centrality))}, nearest to ${r.nearest ?? "none"}`,
                  key: String(r.row),
                })),
              },
              width,
              theme,
            )
          }
          caption="Grey: vectors of other concepts. Choose a point to see its photograph first. Two components of many: near in the picture need not be near."
        />
        <FigureBox
          name={`confusion ${short}`}
          most={760}
          deps={[concept, layer, pairs.length]}
          draw={(width, theme) =>
            confusionFigure(
              {
                title: `Which concepts ${short} mixes up`,
                names: concepts,
                chosen: concepts.indexOf(concept),
                values: concepts.map((a) => concepts.map((b) => nearer.get(JSON.stringify([a, b])) ?? null)),
              },
              width,
              theme,
            )
          }
          caption="Rows: share of the concept's vectors that have one of the column's concept nearer than any other of their own. A concept with many photographs is nearer by chance more often."
        />
      </div>
      <LocalPhotos rows={own} clusters={clusters} concept={concept} chosen={state.lrow} />
    </>
  );
}
