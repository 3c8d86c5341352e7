import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { TensorFile } from "../../../contract/safetensors.js";
import { number, percent } from "../../render/text.js";
import type { CellView } from "../model.js";
import { conceptTitle, layers, manifest } from "../model.js";
import { hrefOf } from "../state.js";
import { Term } from "./explained.js";
import { Photo, shapeOf } from "./photo.js";

const PLACES = 6;
const GROUPS = [
  // the number under each photograph is named once
  { title: "strongest, IoU", from: 0, to: 3 },
  { title: "middle", from: 3, to: 4 },
  { title: "most different", from: 4, to: 6 },
] as const;

/** What a cell's block says, seen from layer a. */
export interface CellData {
  readonly ka: number;
  readonly kb: number;
  readonly value: (i: number, j: number) => number;
  /** 95 % interval in words, from the test photographs; undefined without resamples. */
  readonly interval: (i: number, j: number) => string | undefined;
  readonly bestForA: readonly number[];
  readonly bestForB: readonly number[];
  readonly assigned: ReadonlySet<number>;
  /** Photographs of the best pair of a concept of a (side 0) or of b (side 1). */
  readonly examples: (side: 0 | 1, concept: number) => { photo: number; iou: number }[];
}

/** The block `cells/<lower>` holds cells one way round; partners are those of the block `concepts`. */
export function cellData(cell: CellView, block: TensorFile, concepts: TensorFile): CellData {
  const [low, high] = [Math.min(cell.a, cell.b), Math.max(cell.a, cell.b)];
  const t = block.tensors[`corrected/${high}`]!;
  const [rows, cols] = t.dims as [number, number];
  const data = t.data as Float32Array;
  const photos = block.tensors[`photos/${high}`]!.data as Int32Array;
  const ious = block.tensors[`ious/${high}`]!.data as Float32Array;
  const oneToOne = block.tensors[`assigned/${high}`]!.data as Int32Array;
  const sd = block.tensors[`sd/${high}`]?.data as Float32Array | undefined;
  const turned = cell.a !== low;
  const at = (i: number, j: number) => (turned ? j * cols + i : i * cols + j);
  const [ka, kb] = turned ? [cols, rows] : [rows, cols];
  const best = concepts.tensors.best!.data as Int32Array;
  const own = cell.a === cell.b;
  const partner = (from: number, to: number, k: number) =>
    Array.from({ length: k }, (_, i) => (own ? i : best[(layers[from]!.first + i) * layers.length + to]!));
  const assigned = new Set<number>();
  oneToOne.forEach((j, i) => {
    if (j >= 0) assigned.add(turned ? j * kb + i : i * kb + j);
  });
  return {
    ka,
    kb,
    value: (i, j) => data[at(i, j)]!,
    interval: (i, j) => {
      const [v, half] = [data[at(i, j)]!, 1.96 * (sd?.[at(i, j)] ?? Number.NaN)];
      return Number.isNaN(v + half) ? undefined : `${number(v - half)} to ${number(Math.min(1, v + half))}`;
    },
    bestForA: partner(cell.a, cell.b, ka),
    bestForB: partner(cell.b, cell.a, kb),
    assigned,
    examples: (side, concept) => {
      const first = (side === 0) !== turned;
      const at = (first ? concept : rows + concept) * PLACES;
      return Array.from({ length: PLACES }, (_, p) => ({ photo: photos[at + p]!, iou: ious[at + p]! }));
    },
  };
}

interface PairProps {
  readonly cell: CellView;
  readonly data: CellData;
  readonly i: number;
  readonly j: number;
  readonly apart: boolean;
  readonly heading?: boolean;
  /** Photographs as wide as there is room. */
  readonly fill?: boolean;
}

/** What light and colours on the photographs of a pair mean. */
export function Legend({ first, second }: { first: ComponentChildren; second: ComponentChildren }): JSX.Element {
  return (
    <ul class="legend">
      <li>
        <span class="swatch" aria-hidden="true" /> lit: both
      </li>
      <li>
        <span class="swatch a" aria-hidden="true" /> orange: {first} alone
      </li>
      <li>
        <span class="swatch b" aria-hidden="true" /> blue: {second} alone
      </li>
      <li>
        <span class="swatch none" aria-hidden="true" /> dark: neither
      </li>
    </ul>
  );
}

/** Two matched concepts: their numbers, and the same photographs with both outlines. */
export function Pair({ cell, data, i, j, apart, heading = true, fill = false }: PairProps): JSX.Element {
  const a = layers[cell.a]!.first + i;
  const b = layers[cell.b]!.first + j;
  const side = data.bestForA[i] === j ? 0 : 1;
  const matched = data.bestForA[i] === j || data.bestForB[j] === i;
  const mutual = data.bestForA[i] === j && data.bestForB[j] === i;
  const v = data.value(i, j);
  const interval = data.interval(i, j);
  const shown = matched ? data.examples(side, side === 0 ? i : j) : [];
  const above = cell.pair99 !== null && v > cell.pair99;
  return (
    <article class="pair" id={`pair-${a}-${b}`}>
      {heading ? (
        <header>
          <h4>
            <a class="key a" href={hrefOf({ view: "concept", concept: String(a) })} title={conceptTitle(a)}>
              concept {i + 1}
            </a>
            <span aria-hidden="true"> ↔ </span>
            <a class="key b" href={hrefOf({ view: "concept", concept: String(b) })} title={conceptTitle(b)}>
              concept {j + 1}
            </a>
          </h4>
          <ul class="facts">
            <li>
              <b>{number(v)}</b> <Term of="agreement J*" />
              {interval ? <span class="soft"> ({interval})</span> : null}
            </li>
            <li>
              {mutual ? "each other's best" : side === 0 ? "best for the first only" : "best for the second only"}
            </li>
            <li>{above ? "above chance" : "not above chance"}</li>
            <li>
              <Term of="energy" /> {percent(manifest.concepts.energy[a])} · {percent(manifest.concepts.energy[b])}
            </li>
            <li>
              <Term of="stability" /> {number(manifest.concepts.stability[a])} ·{" "}
              {number(manifest.concepts.stability[b])}
            </li>
          </ul>
        </header>
      ) : null}
      {matched ? (
        <div class={fill ? "groups wide" : "groups"}>
          {GROUPS.map((g) => {
            const own = shown.slice(g.from, g.to).filter((s) => s.photo >= 0);
            return own.length === 0 ? null : (
              <div
                class="group"
                key={g.title}
                style={{ "--s": own.reduce((sum, s) => sum + shapeOf(s.photo), 0).toFixed(3) }}
              >
                <p class="groupname">{g.title}</p>
                <div class={fill ? "photos fill" : "photos"}>
                  {own.map((s) => (
                    <PairPhoto key={s.photo} {...s} a={a} b={b} apart={apart} />
                  ))}
                </div>
              </div>
            );
          })}
          {shown.every((s) => s.photo < 0) ? <p class="note">Neither shows on a photograph of this page.</p> : null}
        </div>
      ) : (
        <p class="note">
          These two are not each other's best, so no photographs of the pair are kept. Open one of the concepts.
        </p>
      )}
    </article>
  );
}

function PairPhoto(p: { photo: number; iou: number; a: number; b: number; apart: boolean }): JSX.Element {
  const iou = number(p.iou);
  const says = `both concepts, IoU ${number(p.iou)}`;
  if (!p.apart) return <Photo photo={p.photo} a={p.a} b={p.b} says={says} caption={iou} />;
  return (
    <div class="twin">
      <Photo photo={p.photo} a={p.a} spotlight says="first concept" caption={iou} />
      <PhotoOfB photo={p.photo} b={p.b} />
    </div>
  );
}

const PhotoOfB = ({ photo, b }: { photo: number; b: number }) => (
  <Photo photo={photo} a={b} spotlight says="second concept" caption="" />
);

/** Best pairs from a's side, then what only b's side adds; strongest first. */
export function pairList(data: CellData): { i: number; j: number }[] {
  const pairs = data.bestForA.flatMap((j, i) => (j >= 0 ? [{ i, j }] : []));
  const more = data.bestForB.flatMap((i, j) => (i >= 0 && data.bestForA[i] !== j ? [{ i, j }] : []));
  const strong = (p: { i: number; j: number }) => -data.value(p.i, p.j);
  return [...pairs, ...more].sort((p, q) => strong(p) - strong(q));
}

export function useApart(): [boolean, JSX.Element] {
  const [apart, set] = useState(false);
  return [
    apart,
    <label class="check" key="apart">
      <input type="checkbox" checked={apart} onChange={(e) => set(e.currentTarget.checked)} /> side by side
    </label>,
  ];
}
