import type { ImageRef } from "../types.js";

/** What people name: "person", "wheel". */
export interface Concept {
  readonly name: string;
  readonly supercategory?: string;
  /** The concept this one is a part of: "wheel" of "car". */
  readonly partOf?: string;
  /** The classes of the labelled set that make it up; more than one where classes were merged. */
  readonly classes: readonly string[];
}

/** One concept on one image. An image without an entry for a concept is a negative of it. */
export interface LabelEntry {
  /** 0-based place in `LabelSet.concepts`. */
  readonly concept: number;
  /** Share of the image's pixels in the mask, 0..1; regions that are ignored do not count. */
  readonly area: number;
  /** Labelled objects; 1 where the format knows only pixels. */
  readonly instances: number;
  /** Of these, crowds. */
  readonly crowds: number;
  /** Where it is written, for messages: "instances.json: annotation 1768". */
  readonly where: string;
  /** Why the mask cannot be known: a label of this concept on this image is broken. `valid` is then 0 everywhere. */
  readonly broken?: string;
}

/** An image of the study that has labels (maybe none of any concept: then it is a negative). */
export interface LabelledImage {
  readonly image: ImageRef;
  /** Identity of all that determines its masks, for cache keys. */
  readonly hash: string;
  /** Sorted by concept. */
  readonly entries: readonly LabelEntry[];
}

/** A label that was left out; the rest of its file is used. */
export interface LabelProblem {
  /** File and place: "labels/0012.txt:3". */
  readonly where: string;
  readonly what: string;
}

/** Masks of one image, drawn or decoded on demand. All are row-major, `width * height` bytes of 0 and 1, upright, after the image's crop: the pixels of its `Picture`. */
export interface ImageMasks {
  readonly width: number;
  readonly height: number;
  /** Pixels of concept `c`. A fresh array. */
  mask(concept: number): Uint8Array;
  /** 1 where it is known whether a pixel belongs to concept `c` (all of `mask` is); undefined where that is everywhere. A fresh array. */
  valid(concept: number): Uint8Array | undefined;
}

/** Where the labels come from, for provenance. */
export interface LabelSource {
  readonly path: string;
  readonly format: string;
  /** The network that drew them; absent where people did. */
  readonly teacher?: string;
  readonly licence?: string;
}

/**
 * A labelled set as a study uses it. Holds names, shares and places; masks are made image by image.
 * Which images: those of the study it was opened for, matched by path.
 */
export interface LabelSet {
  readonly source: LabelSource;
  readonly concepts: readonly Concept[];
  /** In the order of the images given; those without labels are in `unlabelled`. */
  readonly images: readonly LabelledImage[];
  readonly unlabelled: readonly ImageRef[];
  readonly problems: readonly LabelProblem[];
  /** What else the reader should know: labels that were scaled, photographs without labels. */
  readonly notes: readonly string[];
  /** Masks of one of `images`. Throws SamesightError when its label file vanished or changed since, or for an image without labels. */
  open(image: ImageRef): Promise<ImageMasks>;
}
