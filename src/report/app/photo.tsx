import type { JSX } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { TensorFile } from "../../contract/safetensors.js";
import { CONTOUR } from "../render/color.js";
import type { Outline, Spotlight } from "../render/photo.js";
import { cropAround, photoSvg } from "../render/photo.js";
import { pictureUri } from "./blocks.js";
import { conceptAt, layers, manifest, photos } from "./model.js";
import { servedPhoto } from "./served.js";
import { useBlocks } from "./use.js";

export const photoBlock = (photo: number): string => `photos/${Math.floor(photo / manifest.photosPerBlock)}`;

/** A concept's mask on a photograph. */
function outlineOf(masks: TensorFile, concept: number, photo: number, color: string, dashed: boolean): Outline {
  const { layer, number } = conceptAt(concept);
  const [, n, bytes] = masks.tensors.bits!.dims as [number, number, number];
  return {
    bits: masks.tensors.bits!.data as Uint8Array,
    offset: (number * n + photo) * bytes,
    gridH: layers[layer]!.gridH,
    gridW: layers[layer]!.gridW,
    color,
    dashed,
  };
}

function spotlightOf(maps: TensorFile, concept: number, photo: number): Spotlight | undefined {
  const { layer, number } = conceptAt(concept);
  const tile = layers[layer]!.tile;
  if (!tile) return undefined;
  return { uri: pictureUri(maps, number), tile, place: photo, rows: Math.ceil(photos.length / tile.columns) };
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
    <figure class={`photo ${shape}`} ref={ref as never}>
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
    if (a !== undefined) outlines.push(outlineOf(named.get(`masks/${layerOf(a)}`)!, a, photo, CONTOUR.a, false));
    if (b !== undefined) outlines.push(outlineOf(named.get(`masks/${layerOf(b)}`)!, b, photo, CONTOUR.b, true));
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
