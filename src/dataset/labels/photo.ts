import type { ImageRef } from "../types.js";
import type { Canvas } from "./canvas.js";
import type { LabelProblem, LabelSource } from "./types.js";

/** One labelled object, or all pixels of a class where the format knows no objects. */
export interface LabelObject {
  readonly where: string;
  readonly crowd: boolean;
  /** Where all its pixels lie, in canvas pixels, where that is cheap to say: crops then skip what they do not show. */
  readonly bounds?: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number };
  /** Sets its pixels on a canvas of the photograph's label size. Throws SamesightError `invalid` when it is broken. */
  readonly paint: (canvas: Canvas) => void;
}

/** The labels of one photograph as a format has them, before turning, scaling, cropping and merging. */
export interface PhotoLabels {
  /** Size of the picture the labels were drawn on; undefined where the format does not say: the photograph's. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** Identity of the photograph's labels. */
  readonly hash: string;
  /** Where they are written. */
  readonly where: string;
  /** By class name. */
  readonly objects: ReadonlyMap<string, readonly LabelObject[]>;
  /** Sets the pixels of which nothing is known, for every class. */
  readonly paintIgnored?: (canvas: Canvas) => void;
}

/** A class of a labelled set, before concepts are chosen. */
export interface LabelClass {
  readonly name: string;
  readonly supercategory?: string;
  readonly partOf?: string;
}

/** One format's files. */
export interface LabelReader {
  readonly source: LabelSource;
  readonly classes: readonly LabelClass[];
  /** Labels that were left out when the files were opened. */
  readonly problems: readonly LabelProblem[];
  /** A few names of labels, to show beside those of photographs when none go together. */
  readonly examples: readonly string[];
  /**
   * Labels of an image's photograph; undefined where it has none. Throws SamesightError `invalid` or `missing` when they cannot be used (the photograph is then left out), and
   * `unknown`, `ambiguous` for what says that the whole set is not meant.
   */
  read(image: ImageRef): Promise<PhotoLabels | undefined>;
}
