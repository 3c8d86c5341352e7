import { conceptMethods } from "../../concepts/methods.js";
import type { MinedLayer } from "../../concepts/mine.js";
import { preparePlanes } from "../../concepts/negative.js";
import { geometry } from "../../dataset/geometry.js";
import type { Grid } from "../../maps/grid.js";
import { fromFrame, toFrame } from "../../maps/resample.js";
import type { Tensor4 } from "../../numerics/types.js";
import type { Context } from "../context.js";
import { MapReader } from "./mapreader.js";

export interface Asked {
  /** The layer whose concepts are replaced, and its whole network. */
  readonly layer: number;
  readonly whole: Uint8Array;
  readonly mined: MinedLayer;
  /** Layers whose concepts take their place. */
  readonly sources: readonly number[];
  /** Places of test images, their groups and folds. */
  readonly images: readonly number[];
  readonly groups: readonly number[];
  readonly folds: Int32Array;
}

/** What one image needs. */
export interface Scene {
  readonly own: Float32Array;
  readonly inside: Uint8Array;
  readonly sources: readonly Float32Array[];
  readonly permuted: readonly Float32Array[];
}

/** Own coefficients and the sources' scores of one image, on the cells of the layer. */
export class Scenes {
  readonly #maps: MapReader;

  constructor(
    private readonly context: Context,
    private readonly asked: Asked,
  ) {
    this.#maps = new MapReader(context);
  }

  async at(at: number, raw: Tensor4): Promise<Scene> {
    const { study, engine } = this.context;
    const { mined, sources, images } = this.asked;
    const method = conceptMethods[study.config.concepts.method];
    const [own] = await method.encodeAll(preparePlanes(raw, mined.mode), [mined.fit.vectors], engine);
    const cells: Grid = { h: raw.h, w: raw.w };
    const apart = images[permutedPlace(at, this.asked.groups)]!;
    const placed = async (source: number, x: number) => this.#placed(await this.#maps.of(source, x), at, cells);
    const scores: Float32Array[] = [];
    const permuted: Float32Array[] = [];
    for (const l of sources) {
      scores.push((await placed(l, images[at]!)).maps.data);
      permuted.push((await placed(l, apart)).maps.data);
    }
    const { inside } = this.#placed({ data: new Float32Array(1), n: 1, c: 1, h: 1, w: 1 }, at, cells);
    return { own: own!.data, inside, sources: scores, permuted };
  }

  /** Own coefficients seen through a coarser grid of the common frame. */
  through(at: number, own: Float32Array, grid: Grid): Float32Array {
    const { tap } = this.context.plan.layers[this.asked.layer]!;
    const cells: Grid = { h: tap.height, w: tap.width };
    const maps = { data: own, n: 1, c: own.length / (cells.h * cells.w), ...cells };
    const { seen, frame } = this.#view(at);
    return this.#placed(toFrame(maps, [seen], [frame], grid), at, cells).maps.data;
  }

  #placed(maps: Tensor4, at: number, cells: Grid) {
    const { seen, frame } = this.#view(at);
    return fromFrame(maps, seen, frame, cells);
  }

  #view(at: number) {
    const { study, plan } = this.context;
    const x = this.asked.images[at]!;
    const { preprocessing } = study.networks[plan.layers[this.asked.layer]!.network]!;
    const { width, height } = study.test[x]!;
    return { seen: geometry(preprocessing, width, height), frame: plan.frames[x]! };
  }
}

/** The image half the list away, or the next one after it of another photograph. */
export function permutedPlace(at: number, groups: readonly number[]): number {
  const n = groups.length;
  for (let step = Math.floor(n / 2); step < n + Math.floor(n / 2); step++) {
    const place = (at + step) % n;
    if (groups[place] !== groups[at]) return place;
  }
  return at;
}
