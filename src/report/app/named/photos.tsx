import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { TensorFile } from "../../../contract/safetensors.js";
import { CONTOUR } from "../../render/color.js";
import type { Outline } from "../../render/photo.js";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { layers, layersOf, manifest, models, photos, shortName, trained } from "../model.js";
import { Legend } from "../parts/pairs.js";
import { Photo } from "../parts/photo.js";
import { Select } from "../parts/select.js";
import type { State } from "../state.js";
import { go } from "../state.js";
import { useBlocks } from "../use.js";

/** Part of the address that holds the layer of a network whose masks are shown. */
export const layerKey = (network: number): string => `in${network}`;

interface Props {
  readonly concept: string;
  /** Rows of probes.csv of this concept. */
  readonly probes: readonly Row[];
  readonly state: State;
}

/** The same photographs once a network: what people labelled, and what a layer's probe takes for it. */
export function NamedPhotos({ concept, probes, state }: Props): JSX.Element | null {
  const has = "named/labels" in manifest.blocks;
  const { value, error } = useBlocks(has ? ["named/labels"] : []);
  if (!has) return null;
  if (error) return <p class="problem">{error}</p>;
  const labels = value?.[0];
  return (
    <>
      <h3>Labels and predictions on photographs</h3>
      <p class="note">
        What people labelled and what the layer's probe predicts at its calibrated threshold: on the test photographs
        that show most of the concept; then, where there are any, on those without it where most of it is predicted.
      </p>
      <Legend first="the label" second="the prediction" />
      {labels
        ? trained.map((n) => (
            <NetworkPhotos key={n} network={n} labels={labels} concept={concept} probes={probes} state={state} />
          ))
        : null}
    </>
  );
}

function NetworkPhotos(p: Props & { network: number; labels: TensorFile }): JSX.Element | null {
  const own = layersOf(p.network).filter((l) => `named/${l}` in manifest.blocks);
  const rowOf = (l: number) => p.probes.find((r) => r.model === models[p.network]!.id && r.layer === layers[l]!.name);
  const quality = (l: number) => (rowOf(l)?.iou_calibrated as number | null | undefined) ?? -1;
  const best = own.reduce((m, l) => (quality(l) > quality(m) ? l : m), own[0]!);
  const layer = own.find((l) => String(l) === p.state[layerKey(p.network)]) ?? best;
  const { value, error } = useBlocks(own.length > 0 ? [`named/${layer}`] : []);
  if (own.length === 0) return null;
  const row = rowOf(layer);
  return (
    <section class="pair" aria-label={`${shortName(p.network)}: labels and predictions`}>
      <header>
        <h4>
          <bdi>{shortName(p.network, 40)}</bdi>
        </h4>
        <Select
          label="Layer"
          value={String(layer)}
          options={own.map((l) => [String(l), `${layers[l]!.short}${l === best ? " (best)" : ""}`])}
          set={(v) => go({ [layerKey(p.network)]: v })}
        />
        {row ? (
          <ul class="facts">
            <li>
              set IoU <b>{number(row.iou_calibrated as number | null)}</b> over all test photographs
            </li>
            <li>precision {number(row.precision as number | null)}</li>
            <li>recall {number(row.recall as number | null)}</li>
            {row.present === true ? null : <li>not present: {String(row.why_not)}</li>}
          </ul>
        ) : null}
      </header>
      {error ? <p class="problem">{error}</p> : null}
      {value ? <Shown labels={p.labels} predictions={value[0]!} concept={p.concept} layer={layer} /> : null}
    </section>
  );
}

function Shown(p: { labels: TensorFile; predictions: TensorFile; concept: string; layer: number }): JSX.Element {
  const shown = useMemo(() => {
    const at = (JSON.parse(p.labels.metadata.concepts!) as string[]).indexOf(p.concept);
    const grid = Number(p.labels.metadata.grid);
    const places = p.labels.tensors.photos!.data as Int32Array;
    const ious = p.predictions.tensors.ious!.data as Float32Array;
    const [, many, bytes] = p.labels.tensors.bits!.dims as [number, number, number];
    const outline = (file: TensorFile, i: number, color: string, dashed: boolean): Outline => ({
      bits: file.tensors.bits!.data as Uint8Array,
      offset: i * bytes,
      gridH: grid,
      gridW: grid,
      color,
      dashed,
    });
    return Array.from({ length: at < 0 ? 0 : many }, (_, i) => at * many + i)
      .filter((i) => places[i]! >= 0)
      .map((i) => ({
        photo: places[i]!,
        iou: ious[i]!,
        marks: [outline(p.labels, i, CONTOUR.a, false), outline(p.predictions, i, CONTOUR.b, true)],
      }));
  }, [p.labels, p.predictions, p.concept]);
  if (shown.length === 0) return <p class="note">No photograph of this concept is in the page.</p>;
  return (
    <div class="photos">
      {shown.map(({ photo, iou, marks }) => {
        const says = Number.isNaN(iou) ? "both empty" : `IoU ${number(iou)}`;
        return (
          <Photo
            key={`${photo} ${p.layer}`}
            photo={photo}
            marks={marks}
            caption={says}
            says={`${p.concept}, label and prediction of ${layers[p.layer]!.short}, ${says}; photograph ${photos[photo]!.id}`}
          />
        );
      })}
    </div>
  );
}
