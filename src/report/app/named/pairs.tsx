import type { JSX } from "preact";
import type { LayerMatrix } from "../../render/layermatrix.js";
import { layerMatrix } from "../../render/layermatrix.js";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { num } from "../blocks.js";
import { layerShort, layers, layersOf, models, names, pairsOf, shortName } from "../model.js";
import { FigureBox } from "../parts/figure.js";
import { Select } from "../parts/select.js";
import type { State } from "../state.js";
import { go } from "../state.js";
import { useTable } from "../use.js";
import { layerKey } from "./photos.js";

interface NamedMeasure {
  readonly id: "iou" | "kappa" | "similarity" | "kappa_mean" | "semantic_variance";
  readonly column: string;
  /** Of the chosen concept, or over all of them. */
  readonly one: boolean;
  readonly label: string;
  readonly short: string;
  readonly note: string;
}

const MEASURES: readonly NamedMeasure[] = [
  {
    id: "iou",
    column: "iou",
    one: true,
    label: "set IoU of the predictions",
    short: "set IoU",
    note: "Overlap of what the two layers' probes predict on the test photographs. Two good probes overlap because both follow the labels.",
  },
  {
    id: "kappa",
    column: "kappa",
    one: true,
    label: "kappa of the errors",
    short: "kappa",
    note: "Overlap of where the two layers err, less what errors that are independent given the labels would have, photograph by photograph: above 0 they are wrong in the same places.",
  },
  {
    id: "similarity",
    column: "similarity",
    one: false,
    label: "S′ over all concepts",
    short: "S′",
    note: "Mean set IoU over the concepts present in both layers, less the same with the photographs of one side permuted.",
  },
  {
    id: "kappa_mean",
    column: "kappa",
    one: false,
    label: "kappa over all concepts",
    short: "kappa",
    note: "Mean kappa of the errors over the concepts present in both layers.",
  },
  {
    id: "semantic_variance",
    column: "semantic_variance",
    one: false,
    label: "semantic variance",
    short: "semantic variance",
    note: "Mean squared difference of the two layers' set IoU with the labels, over all concepts: 0 where both know the same concepts equally well.",
  },
];

/** A named concept in every layer of one network against every layer of another; and what only one of the two has. */
export function NamedPairs({ concept, state }: { concept: string; state: State }): JSX.Element | null {
  const { value: ofConcepts, error } = useTable("concept_pairs");
  const { value: ofLayers } = useTable("concept_layers");
  const { value: emergence } = useTable("emergence");
  const pairs = pairsOf(false);
  const pair = pairs.find((p) => p.key === state.npair) ?? pairs[0]!;
  const measure = MEASURES.find((m) => m.id === state.nmeasure) ?? MEASURES[0]!;
  if (error) return <p class="problem">{error}</p>;
  if (!ofConcepts?.length || !ofLayers) return null;
  const own = index(ofConcepts.filter((r) => r.concept === concept));
  const all = index(ofLayers);
  const rows = layersOf(pair.a);
  const cols = layersOf(pair.b);
  const matrix = matrixOf(pair, measure, concept, measure.one ? own : all, rows, cols);
  const at = (key: string) => [rows[Math.floor(Number(key) / cols.length)]!, cols[Number(key) % cols.length]!] as const;
  const chosen = rows.flatMap((r) => cols.map((c) => `${r}-${c}`)).indexOf(state.ncell ?? "");
  return (
    <>
      <h3>The same concept in two networks</h3>
      <div class="controls">
        <Select
          label="Networks"
          value={pair.key}
          options={pairs.map((p) => [p.key, p.label])}
          set={(v) => go({ npair: v, ncell: "" })}
        />
        <Select
          label="Measure"
          value={measure.id}
          options={MEASURES.map((m) => [m.id, m.label])}
          set={(v) => go({ nmeasure: v })}
        />
      </div>
      <p class="note">{measure.note}</p>
      <div class="besides">
        <FigureBox
          name={`${measure.one ? `${concept} ` : ""}${measure.label} ${names[pair.a]} ${names[pair.b]}`}
          draw={(width, theme) => layerMatrix(matrix, width, theme)}
          deps={[pair.key, measure.id, concept, ofConcepts, ofLayers]}
          most={1100}
          chosen={chosen >= 0 ? String(chosen) : undefined}
          open={(key) => {
            const [r, c] = at(key);
            go({ npair: pair.key, ncell: `${r}-${c}`, [layerKey(pair.a)]: String(r), [layerKey(pair.b)]: String(c) });
          }}
          caption={
            <>
              Rows and columns run from shallow to deep.{" "}
              {measure.one ? "Hatched: one of the layers does not have it." : ""} Choose a cell to see its numbers and,
              below, the two layers' predictions.
            </>
          }
        />
        <div class="reading">
          <div aria-live="polite">
            {chosen >= 0 ? <Chosen layers={at(String(chosen))} own={own} all={all} concept={concept} /> : null}
          </div>
          {pair.a === pair.b ? null : <OnlyOne a={pair.a} b={pair.b} rows={emergence ?? []} />}
        </div>
      </div>
    </>
  );
}

type Index = ReadonlyMap<string, Row>;

const keyOf = (a: number, b: number) =>
  JSON.stringify([a, b].map((l) => [models[layers[l]!.network]!.id, layers[l]!.name]));

function index(rows: readonly Row[]): Index {
  return new Map(
    rows.map((r) => [
      JSON.stringify([
        [r.model_a, r.layer_a],
        [r.model_b, r.layer_b],
      ]),
      r,
    ]),
  );
}

/** The tables hold each pair of layers once. */
const rowOf = (of: Index, a: number, b: number): Row | undefined => of.get(keyOf(a, b)) ?? of.get(keyOf(b, a));

function matrixOf(
  pair: { readonly a: number; readonly b: number },
  measure: NamedMeasure,
  concept: string,
  of: Index,
  rows: readonly number[],
  cols: readonly number[],
): LayerMatrix {
  const what = measure.one ? `${concept}: ${measure.label}` : measure.label;
  const cells = rows.flatMap((r) =>
    cols.map((c) => {
      const row = rowOf(of, r, c);
      const value = num(row?.[measure.column] ?? null);
      const doubt = measure.one && row && !(row.present_a && row.present_b) ? "not present in both" : "";
      return {
        value,
        title: `${layers[r]!.short} and ${layers[c]!.short}: ${what} ${number(value)}${doubt ? `; ${doubt}` : ""}`,
        doubt,
        ridge: false,
      };
    }),
  );
  const finite = cells.flatMap((c) => (c.value === null ? [] : [c.value]));
  const axis = (l: number) => ({ label: layers[l]!.short, title: layers[l]!.name, depth: layers[l]!.depth });
  return {
    id: `n${pair.a}-${pair.b}`,
    title: `${what}: ${names[pair.a]} against ${names[pair.b]}`,
    // under the scale there is little room; the concept is in the title
    label: measure.short,
    rowTitle: names[pair.a]!,
    colTitle: names[pair.b]!,
    rows: rows.map(axis),
    cols: cols.map(axis),
    cells,
    low: Math.min(0, ...finite),
    high: Math.max(0.05, ...finite),
    digits: 2,
  };
}

function Chosen(p: { layers: readonly [number, number]; own: Index; all: Index; concept: string }): JSX.Element {
  const [a, b] = p.layers;
  const one = rowOf(p.own, a, b);
  const all = rowOf(p.all, a, b);
  const turned = all !== undefined && p.all.get(keyOf(a, b)) === undefined;
  const range = (low: unknown, high: unknown) =>
    num(low) === null ? "no interval" : `${number(num(low))} to ${number(num(high))}`;
  const list = (v: unknown) =>
    String(v ?? "")
      .split(";")
      .filter(Boolean)
      .join(", ") || "none";
  return (
    <>
      <h4>
        <bdi>
          {shortName(layers[a]!.network, 40)}, {layers[a]!.short}
        </bdi>{" "}
        and{" "}
        <bdi>
          {shortName(layers[b]!.network, 40)}, {layers[b]!.short}
        </bdi>
      </h4>
      <ul class="plain">
        {one ? (
          <li>
            <bdi>{p.concept}</bdi>: set IoU {number(num(one.iou))} ({range(one.ci_low, one.ci_high)}; photographs
            permuted {number(num(one.null_iou))}); errors overlap {number(num(one.error_iou))}, expected{" "}
            {number(num(one.error_expected))}: kappa {number(num(one.kappa))} ({range(one.kappa_low, one.kappa_high)})
          </li>
        ) : null}
        {all ? (
          <>
            <li>
              {String(all.shared)} concepts in both: S′ {number(num(all.similarity))} ({range(all.ci_low, all.ci_high)}
              ), weighted by quality {number(num(all.weighted_iou))}, kappa {number(num(all.kappa))}
            </li>
            <li>
              only in the first: <bdi>{list(turned ? all.only_b : all.only_a)}</bdi>; only in the second:{" "}
              <bdi>{list(turned ? all.only_a : all.only_b)}</bdi>
            </li>
          </>
        ) : null}
      </ul>
    </>
  );
}

/** Concepts that some layer of one network has and no layer of the other. */
function OnlyOne({ a, b, rows }: { a: number; b: number; rows: readonly Row[] }): JSX.Element {
  const has = (n: number) =>
    new Map(rows.filter((r) => r.model === models[n]!.id && r.present === true).map((r) => [String(r.concept), r]));
  const [inA, inB] = [has(a), has(b)];
  const side = (n: number, own: typeof inA, other: typeof inA) => {
    const only = [...own.values()].filter((r) => !other.has(String(r.concept)));
    return (
      <li>
        only in <bdi>{shortName(n, 40)}</bdi>:{" "}
        {only.length === 0
          ? "none"
          : only.map((r, i) => (
              <span key={String(r.concept)}>
                {i > 0 ? ", " : ""}
                <bdi>{String(r.concept)}</bdi> (set IoU {number(num(r.best_iou))} in{" "}
                <bdi>{layerShort(r.model, r.best_layer)}</bdi>)
              </span>
            ))}
      </li>
    );
  };
  return (
    <div>
      <h3>Concepts present in only one of the two</h3>
      <ul class="plain only">
        {side(a, inA, inB)}
        {side(b, inB, inA)}
        <li>in both: {[...inA.keys()].filter((c) => inB.has(c)).length}</li>
      </ul>
    </div>
  );
}
