/** What a network is, as far as samesight needs to know; shapes are those of one image (batch 1). */
export interface NetworkSummary {
  readonly input: InputInfo;
  readonly outputs: readonly string[];
  readonly opset: number;
  readonly nodeCount: number;
  /** Bytes of all initializers. */
  readonly parameterBytes: number;
  /** Number of convolutions (Conv, ConvTranspose, MatMul, Gemm and their quantised forms) on the longest path. */
  readonly longestPath: number;
  /** Every tensor worth tapping, in topological order. */
  readonly tensors: readonly TensorInfo[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface InputInfo {
  readonly name: string;
  readonly type: string;
  /** -1 where free. */
  readonly shape: readonly number[];
  readonly layout: "NCHW" | "NHWC";
}

/** A tensor worth tapping and its place in the network; shapes come with `Tap`. */
export interface TensorInfo {
  readonly name: string;
  /** Operator that makes the tensor; for a fused look the activation or addition that ends a block. */
  readonly op: string;
  /** Convolutions on the longest path from the input to this tensor, counted inclusively. */
  readonly position: number;
  /** position / longestPath, 0..1: the relative depth of METHOD.md. */
  readonly depth: number;
  /** position / (position of the deepest convolution of the nearest head that this tensor feeds), 0..1 (METHOD.md M11). */
  readonly headDepth: number;
  /** Whether every path to some output goes through this tensor, or it lies on a longest path and in no block's branch: the main path. */
  readonly trunk: boolean;
  /** Whether the tensor ends a block on the trunk (after activation or addition): what `auto:N` chooses from. */
  readonly blockEnd: boolean;
}

/** A tensor with the shape that a probing run found. */
export interface Tap extends TensorInfo {
  readonly layout: "NCHW" | "NHWC" | "NTD";
  readonly channels: number;
  /** Height and width of the grid of one image. */
  readonly height: number;
  readonly width: number;
  /** Input pixels a cell, height and width: input size / grid size. */
  readonly stride: readonly [number, number];
}
