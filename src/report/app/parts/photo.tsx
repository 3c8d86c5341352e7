import type { JSX } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { TensorFile } from "../../../contract/safetensors.js";
import { CONTOUR } from "../../render/color.js";
import type { Outline, Spotlight } from "../../render/photo.js";
import { cropAround, photoSvg } from "../../render/photo.js";
import { pictureUri } from "../blocks.js";
import { cellOf, conceptAt, layers, manifest, ownMethod, photos, twins } from "../model.js";
import { servedPhoto } from "../served.js";
import { useBlocks } from "../use.js";

const photoBlock = (photo: number): string => `photos/${Math.floor(photo / manifest.photosPerBlock)}`;

/** A concept's mask on a photograph: on its layer's grid, or on the one on which two layers are compared. */
function outlineOf(
  masks: TensorFile,
  concept: number,
  photo: number,
  look: { color: string; dashed: boolean; grid: string },
): Outline {
  const { layer, number } = conceptAt(concept);
  const coarse = masks.tensors[`bits/${look.grid}`];
  const tensor = coarse ?? masks.tensors.bits!;
  const [, n, bytes] = tensor.dims as [number, number, number];
  const [h, w] = look.grid.split("x").map(Number) as [number, number];
  return {
    bits: tensor.data as Uint8Array,
    offset: (number * n + photo) * bytes,
    gridH: coarse ? h : layers[layer]!.gridH,
    gridW: coarse ? w : layers[layer]!.gridW,
    color: look.color,
    dashed: look.dashed,
  };
}

/** "19x19": where two concepts' layers are compared; empty for one concept. */
function gridOf(a: number | undefined, b: number | undefined): string {
  if (a === undefined || b === undefined) return "";
  // an own and a coarser grid beside each other would be neither
  if ([a, b].some((c) => twins.includes(layers[conceptAt(c).layer]!.network))) return "";
  return cellOf(ownMethod, conceptAt(a).layer, conceptAt(b).layer)?.grid ?? "";
}

function spotlightOf(maps: TensorFile, concept: number, photo: number): Spotlight | undefined {
  const { layer, number } = conceptAt(concept);
  const tile = layers[layer]!.tile;
  if (!tile) return undefined;
  return { uri: pictureUri(maps, number), tile, place: photo, rows: Math.ceil(photos.length / tile.columns) };
}

/** Width over height, within what a row of photographs can bear. */
export function shapeOf(photo: number): number {
  const { width, height } = photos[photo]!;
  return Math.min(2.4, Math.max(0.45, width / height));
}

interface PhotoProps {
  readonly photo: number;
  /** Drawn whole in orange; the second dashed in blue. */
  readonly a?: number | undefined;
  readonly b?: number | undefined;
  /** Masks that are no mined concepts. */
  readonly marks?: readonly Outline[];
  /** Only the part where `a` is. */
  readonly crop?: boolean;
  /** Dark where `a` is weak, by its map. */
  readonly spotlight?: boolean;
  readonly caption?: string;
  readonly says: string;
}

/** A photograph with the outlines of up to two concepts; what it needs is read when it comes near the window. */
export function Photo(props: PhotoProps): JSX.Element {
  const [near, ref] = useNear();
  const { width, height, id } = photos[props.photo]!;
  const shape = props.crop ? "square" : width >= height ? "wide" : "tall";
  return (
    <figure
      class={`photo ${shape}`}
      ref={ref as never}
      style={{ "--r": props.crop ? 1 : shapeOf(props.photo).toFixed(3) }}
    >
      {near ? (
        <Inner {...props} />
      ) : (
        <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true" />
      )}
      {props.caption === undefined ? null : (
        <figcaption title={id}>
          <bdi>{props.caption}</bdi>
        </figcaption>
      )}
    </figure>
  );
}

function Inner({ photo, a, b, marks, crop, spotlight, says }: PhotoProps): JSX.Element {
  const id = useId().replaceAll(":", "-");
  const layerOf = (c: number | undefined) => (c === undefined ? undefined : conceptAt(c).layer);
  const wanted = [photoBlock(photo)];
  if (a !== undefined) wanted.push(`masks/${layerOf(a)}`);
  if (b !== undefined) wanted.push(`masks/${layerOf(b)}`);
  const lit = spotlight && a !== undefined && layers[layerOf(a)!]!.tile !== null;
  if (lit) wanted.push(`maps/${layerOf(a)}`);
  const { value, error } = useBlocks(wanted);
  const picture = photos[photo]!;
  const html = useMemo(() => {
    if (!value) return "";
    const named = new Map(wanted.map((w, i) => [w, value[i]!]));
    const outlines: Outline[] = [...(marks ?? [])];
    const grid = gridOf(a, b);
    const add = (concept: number, color: string, dashed: boolean) =>
      outlines.push(outlineOf(named.get(`masks/${layerOf(concept)}`)!, concept, photo, { color, dashed, grid }));
    if (a !== undefined) add(a, CONTOUR.a, false);
    if (b !== undefined) add(b, CONTOUR.b, true);
    return photoSvg({
      uri:
        (crop ? servedPhoto(photo) : undefined) ??
        pictureUri(named.get(photoBlock(photo))!, photo % manifest.photosPerBlock),
      width: picture.width,
      height: picture.height,
      title: `${picture.id}: ${says}`,
      outlines,
      spotlight: lit ? spotlightOf(named.get(`maps/${layerOf(a)}`)!, a!, photo) : undefined,
      crop: crop && outlines[0] ? cropAround(outlines[0], picture) : undefined,
      id: `m${id}`,
    });
  }, [value, photo, a, b, marks, crop, lit, says]);
  if (error) return <p class="problem">{error}</p>;
  if (!html)
    return (
      <svg
        viewBox={`0 0 ${picture.width} ${picture.height}`}
        width={picture.width}
        height={picture.height}
        aria-hidden="true"
      />
    );
  // the figure escapes every name that it holds
  return <div class="frame" dangerouslySetInnerHTML={{ __html: html }} />;
}

/** Whether an element has come near the window; on paper all have. */
function useNear(): [boolean, { current: HTMLElement | null }] {
  const ref = useRef<HTMLElement | null>(null);
  const [near, set] = useState(false);
  useEffect(() => {
    if (near || !ref.current) return;
    const observer = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && set(true), {
      rootMargin: "600px",
    });
    observer.observe(ref.current);
    const all = () => set(true);
    addEventListener("beforeprint", all);
    return () => {
      observer.disconnect();
      removeEventListener("beforeprint", all);
    };
  }, [near]);
  return [near, ref];
}
