import type { ChannelScale, LocalVector } from "../../concepts/loce.js";
import type { TensorFile } from "../../contract/safetensors.js";
import type { Matrix } from "../../numerics/types.js";

/** Local concept embeddings of one layer: n vectors, photograph by photograph, concepts ascending within one. */
export interface LayerLocations {
  readonly key: string;
  /** n x c, on raw activations; score = vector . a + bias. */
  readonly vectors: Matrix;
  readonly bias: Float32Array;
  /** c: deviation of each channel; distances are taken between rows of vectors x deviation. */
  readonly deviation: Float32Array;
  /** n: place among the concepts, and among the images to fit. */
  readonly concept: Int32Array;
  readonly image: Int32Array;
  /** n: cosine of the vectors of the photograph's two halves, and set IoU across them; NaN where a half shows none of the concept or nothing else. */
  readonly halves: Float32Array;
  readonly iou: Float32Array;
  /** k: mean cosine of vectors of halves of different photographs, first halves with second ones; NaN below 2. */
  readonly between: Float64Array;
}

/** Mean and deviation of channels over rows that come in parts. */
export class Moments {
  #n = 0;
  #shift: Float64Array | undefined;
  #sums = new Float64Array(0);
  #squares = new Float64Array(0);

  add({ data, rows, cols }: Matrix): void {
    if (rows === 0) return;
    if (!this.#shift) {
      this.#shift = Float64Array.from(data.subarray(0, cols));
      this.#sums = new Float64Array(cols);
      this.#squares = new Float64Array(cols);
    }
    const [shift, sums, squares] = [this.#shift, this.#sums, this.#squares];
    for (let r = 0, at = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++, at++) {
        const v = data[at]! - shift[c]!;
        sums[c]! += v;
        squares[c]! += v * v;
      }
    }
    this.#n += rows;
  }

  /** Deviations below 1e-6 of the mean are rounding: the channel is dead. */
  scale(): ChannelScale {
    const shift = this.#shift ?? new Float64Array(0);
    const mean = this.#sums.map((s, c) => shift[c]! + s / this.#n);
    const deviation = this.#squares.map((q, c) => {
      const d = Math.sqrt(Math.max(0, q / this.#n - (this.#sums[c]! / this.#n) ** 2));
      return d > 1e-6 * Math.abs(mean[c]!) ? d : 0;
    });
    return { mean, deviation };
  }
}

/** Vectors as they are found, and the sums that tell how halves of different photographs agree. */
export class Gathered {
  readonly count: Int32Array;
  readonly #vectors: Float32Array[] = [];
  readonly #bias: number[] = [];
  readonly #concept: number[] = [];
  readonly #image: number[] = [];
  readonly #halves: number[] = [];
  readonly #iou: number[] = [];
  /** k x (sum of first halves, of second ones), their number, and the sum of cosines within photographs. */
  readonly #sums: (readonly [Float64Array, Float64Array])[];
  readonly #both: Float64Array;
  readonly #within: Float64Array;

  constructor(
    readonly channels: number,
    k: number,
  ) {
    this.count = new Int32Array(k);
    this.#sums = Array.from({ length: k }, () => [new Float64Array(channels), new Float64Array(channels)] as const);
    this.#both = new Float64Array(k);
    this.#within = new Float64Array(k);
  }

  add(image: number, concept: number, found: LocalVector): void {
    this.count[concept]!++;
    this.#vectors.push(found.vector);
    this.#bias.push(found.bias);
    this.#concept.push(concept);
    this.#image.push(image);
    this.#iou.push(found.iou);
    if (!found.halves) {
      this.#halves.push(Number.NaN);
      return;
    }
    const [a, b] = found.halves;
    const [first, second] = this.#sums[concept]!;
    let cosine = 0;
    for (let c = 0; c < this.channels; c++) {
      first[c]! += a[c]!;
      second[c]! += b[c]!;
      cosine += a[c]! * b[c]!;
    }
    this.#halves.push(cosine);
    this.#both[concept]!++;
    this.#within[concept]! += cosine;
  }

  file({ deviation }: ChannelScale): TensorFile {
    const n = this.#vectors.length;
    const vectors = new Float32Array(n * this.channels);
    this.#vectors.forEach((v, i) => {
      vectors.set(v, i * this.channels);
    });
    const between = this.#both.map((m, j) => {
      const [first, second] = this.#sums[j]!;
      let all = 0;
      for (let c = 0; c < this.channels; c++) all += first[c]! * second[c]!;
      return m < 2 ? Number.NaN : (all - this.#within[j]!) / (m * (m - 1));
    });
    const f32 = (data: Iterable<number>) => ({ type: "float32" as const, data: Float32Array.from(data) });
    const i32 = (data: Iterable<number>) => ({ type: "int32" as const, data: Int32Array.from(data) });
    const line = <T extends { readonly data: { readonly length: number } }>(t: T) => ({ ...t, dims: [t.data.length] });
    return {
      tensors: {
        vectors: { type: "float32", dims: [n, this.channels], data: vectors },
        bias: line(f32(this.#bias)),
        deviation: line(f32(deviation)),
        concept: line(i32(this.#concept)),
        image: line(i32(this.#image)),
        halves: line(f32(this.#halves)),
        iou: line(f32(this.#iou)),
        between: { type: "float64", dims: [between.length], data: between },
      },
      metadata: { kind: "locations" },
    };
  }
}

/** What `Gathered.file` wrote. */
export function locationsFromFile(key: string, { tensors }: TensorFile): LayerLocations {
  const { vectors, between } = tensors;
  const f32 = (name: string) => tensors[name]!.data as Float32Array;
  const i32 = (name: string) => tensors[name]!.data as Int32Array;
  return {
    key,
    vectors: { data: vectors!.data as Float32Array, rows: vectors!.dims[0]!, cols: vectors!.dims[1]! },
    bias: f32("bias"),
    deviation: f32("deviation"),
    concept: i32("concept"),
    image: i32("image"),
    halves: f32("halves"),
    iou: f32("iou"),
    between: between!.data as Float64Array,
  };
}
