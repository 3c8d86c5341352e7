import type { GraphWriter } from "./graphs.js";
import { b64, bool, codes, float, int, list, strings } from "./graphs.js";

/** [title, shape of the input, graph -> its output nodes]. The title begins with the operator that the case is about. */
export type Case = readonly [string, readonly number[], (g: GraphWriter) => string[]];

const IMAGE = [1, 7, 6, 4];
const type = (t: string) => ({ DstT: { type: t } });

function conv(
  op: string,
  attributes: object,
  kernel: number[],
  extra: (g: GraphWriter) => string[] = () => [],
): Case[2] {
  return (g) => [
    g.add(op, ["x", g.floats(kernel), ...extra(g)], {
      strides: list(1, 1, 1, 1),
      padding: b64("SAME"),
      data_format: b64("NHWC"),
      dilations: list(1, 1, 1, 1),
      ...attributes,
    }),
  ];
}

const convolutions: Case[] = [
  ["Conv2D 3x3 SAME", IMAGE, conv("Conv2D", {}, [3, 3, 4, 5])],
  ["Conv2D SAME stride 2 on even and odd sides", IMAGE, conv("Conv2D", { strides: list(1, 2, 2, 1) }, [3, 3, 4, 5])],
  ["Conv2D SAME stride 2, even kernel", [1, 8, 9, 4], conv("Conv2D", { strides: list(1, 2, 2, 1) }, [4, 2, 4, 3])],
  [
    "Conv2D VALID stride 2",
    IMAGE,
    conv("Conv2D", { padding: codes("VALID"), strides: list(1, 2, 2, 1) }, [3, 3, 4, 5]),
  ],
  ["Conv2D SAME, dilated", [1, 9, 9, 4], conv("Conv2D", { dilations: list(1, 2, 2, 1) }, [3, 3, 4, 5])],
  [
    "Conv2D with explicit padding",
    IMAGE,
    conv("Conv2D", { padding: b64("EXPLICIT"), explicit_paddings: list(0, 0, 1, 2, 0, 1, 0, 0) }, [3, 3, 4, 5]),
  ],
  ["DepthwiseConv2dNative with a multiplier of 2", IMAGE, conv("DepthwiseConv2dNative", {}, [3, 3, 4, 2])],
  [
    "DepthwiseConv2dNative SAME stride 2",
    IMAGE,
    conv("DepthwiseConv2dNative", { strides: list(1, 2, 2, 1) }, [5, 5, 4, 1]),
  ],
  ...["", "Relu", "Relu6", "Elu", "Sigmoid"].map(
    (activation): Case => [
      `_FusedConv2D BiasAdd ${activation}`,
      IMAGE,
      conv(
        "_FusedConv2D",
        { fused_ops: strings("BiasAdd", ...(activation ? [activation] : [])), num_args: int(1) },
        [3, 3, 4, 5],
        (g) => [g.floats([5])],
      ),
    ],
  ),
  [
    "_FusedConv2D BiasAdd LeakyRelu",
    IMAGE,
    conv(
      "_FusedConv2D",
      { fused_ops: strings("BiasAdd", "LeakyRelu"), num_args: int(1), leakyrelu_alpha: float(0.3) },
      [1, 1, 4, 5],
      (g) => [g.floats([5])],
    ),
  ],
  [
    "_FusedConv2D BiasAdd Prelu",
    IMAGE,
    conv("_FusedConv2D", { fused_ops: strings("BiasAdd", "Prelu"), num_args: int(2) }, [1, 1, 4, 5], (g) => [
      g.floats([5]),
      g.floats([5]),
    ]),
  ],
  [
    "FusedDepthwiseConv2dNative BiasAdd Relu6",
    IMAGE,
    conv(
      "FusedDepthwiseConv2dNative",
      { fused_ops: strings("BiasAdd", "Relu6"), num_args: int(1) },
      [3, 3, 4, 1],
      (g) => [g.floats([4])],
    ),
  ],
  ...["SAME", "VALID"].flatMap((padding): Case[] =>
    [1, 2].map(
      (stride): Case => [
        `Conv2DBackpropInput ${padding} stride ${stride}`,
        [1, 4, 3, 4],
        (g) => {
          const size = (n: number) => (padding === "SAME" ? n * stride : (n - 1) * stride + 3);
          return [
            g.add("Conv2DBackpropInput", [g.ints([1, size(4), size(3), 2]), g.floats([3, 3, 2, 4]), "x"], {
              strides: list(1, stride, stride, 1),
              padding: b64(padding),
              data_format: b64("NHWC"),
            }),
          ];
        },
      ],
    ),
  ),
  ...["MaxPool", "AvgPool"].flatMap((op): Case[] =>
    ["SAME", "VALID"].map(
      (padding): Case => [
        `${op} 3x3 stride 2 ${padding}`,
        IMAGE,
        (g) => [
          g.add(op, ["x"], {
            ksize: list(1, 3, 3, 1),
            strides: list(1, 2, 2, 1),
            padding: b64(padding),
            data_format: b64("NHWC"),
          }),
        ],
      ],
    ),
  ),
  ...["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"].map(
    (op): Case => [
      op,
      IMAGE,
      (g) => [
        g.add(op, ["x", g.floats([4]), g.floats([4]), g.floats([4]), g.floats([4], (i) => 0.1 + i)], {
          epsilon: float(0.001),
          data_format: b64("NHWC"),
          is_training: bool(false),
        }),
      ],
    ],
  ),
];

const unary = (op: string, positive = false, attributes = {}): Case => [
  op,
  IMAGE,
  (g) => {
    const from = positive ? g.add("AddV2", [g.add("Abs", ["x"]), g.stored(Float32Array.of(0.1), [], "float32")]) : "x";
    return [g.add(op, [from], attributes)];
  },
];

const elementwise: Case[] = [
  ...[
    "Relu",
    "Relu6",
    "Elu",
    "Selu",
    "Sigmoid",
    "Tanh",
    "Exp",
    "Neg",
    "Abs",
    "Floor",
    "Softplus",
    "Square",
    "Softmax",
    "Identity",
    "StopGradient",
  ].map((op) => unary(op)),
  ...["Log", "Sqrt", "Rsqrt", "Reciprocal"].map((op) => unary(op, true)),
  unary("LeakyRelu", false, { alpha: float(0.1) }),
  unary("Cast", false, { SrcT: { type: "DT_FLOAT" }, ...type("DT_FLOAT") }),
  ["ClipByValue", IMAGE, (g) => [g.add("ClipByValue", ["x", g.floats([], () => -0.3), g.floats([], () => 0.4)])]],
  ["Prelu with one slope a channel", IMAGE, (g) => [g.add("Prelu", ["x", g.floats([4])])]],
  ...["Add", "AddV2", "BiasAdd", "Sub", "Mul", "RealDiv", "Div", "Maximum", "Minimum", "SquaredDifference"].map(
    (op): Case => [
      `${op} with a constant a channel`,
      IMAGE,
      (g) => [g.add(op, ["x", g.floats([4], (i) => 0.5 + i)], { data_format: b64("NHWC") })],
    ],
  ),
  ["Pow", IMAGE, (g) => [g.add("Pow", [g.add("Abs", ["x"]), g.floats([], () => 1.7)])]],
  ["Sub of a constant to the left", IMAGE, (g) => [g.add("Sub", [g.floats([]), "x"])]],
  [
    "AddN of three maps",
    IMAGE,
    (g) => [g.add("AddN", ["x", g.add("Relu", ["x"]), g.add("Neg", [g.add("Tanh", ["x"])])])],
  ],
  [
    "Mul of a map and its means: squeeze and excite",
    IMAGE,
    (g) => [g.add("Mul", ["x", g.add("Mean", ["x", g.ints([1, 2])], { keep_dims: bool(true) })])],
  ],
  [
    "Mul of a map and its means without kept axes",
    IMAGE,
    (g) => {
      const mean = g.add("Mean", ["x", g.ints([1, 2])], { keep_dims: bool(false) });
      return [g.add("Mul", ["x", g.add("Reshape", [mean, g.ints([-1, 1, 1, 4])])])];
    },
  ],
];

const shape: Case[] = [
  [
    "Transpose to planes",
    IMAGE,
    (g) => [g.add("Transpose", ["x", g.ints([0, 3, 1, 2])], { Tperm: { type: "DT_INT32" } })],
  ],
  ["Reshape of a map into rows", IMAGE, (g) => [g.add("Reshape", ["x", g.ints([-1, 42, 4])])]],
  [
    "Reshape into groups and back, transposed: channel shuffle",
    IMAGE,
    (g) => {
      const groups = g.add("Transpose", [g.add("Reshape", ["x", g.ints([-1, 7, 6, 2, 2])]), g.ints([0, 1, 2, 4, 3])]);
      return [g.add("Reshape", [groups, g.ints([-1, 7, 6, 4])])];
    },
  ],
  ["ExpandDims at the front of channels", IMAGE, (g) => [g.add("ExpandDims", ["x", g.scalar(3)])]],
  ["ExpandDims at the end", IMAGE, (g) => [g.add("ExpandDims", ["x", g.scalar(-1)])]],
  ["Squeeze of named axes", [1, 1, 6, 4], (g) => [g.add("Squeeze", ["x"], { squeeze_dims: list(1) })]],
  ["Squeeze of every axis of size 1", [1, 1, 6, 4], (g) => [g.add("Squeeze", ["x"], { squeeze_dims: list() })]],
  ["Tile", IMAGE, (g) => [g.add("Tile", ["x", g.ints([1, 2, 1, 3])], { Tmultiples: { type: "DT_INT32" } })]],
  ["DepthToSpace", IMAGE, (g) => [g.add("DepthToSpace", ["x"], { block_size: int(2), data_format: b64("NHWC") })]],
  [
    "SpaceToDepth through Reshape and Transpose",
    [1, 6, 4, 3],
    (g) => {
      const blocks = g.add("Reshape", ["x", g.ints([-1, 3, 2, 2, 2, 3])]);
      return [g.add("Reshape", [g.add("Transpose", [blocks, g.ints([0, 1, 3, 2, 4, 5])]), g.ints([-1, 3, 2, 12])])];
    },
  ],
  ["ConcatV2 of channels", IMAGE, (g) => [g.add("ConcatV2", ["x", g.add("Relu", ["x"]), g.scalar(-1)], { N: int(2) })]],
  [
    "ConcatV2 of maps that lie in different orders",
    IMAGE,
    (g) => {
      const flat = g.add("Reshape", [g.add("Reshape", ["x", g.ints([-1, 168])]), g.ints([-1, 7, 6, 4])]);
      return [g.add("ConcatV2", [flat, "x", g.scalar(1)], { N: int(2) })];
    },
  ],
  [
    "Pack of two maps along a new axis",
    IMAGE,
    (g) => [g.add("Pack", ["x", g.add("Relu", ["x"])], { axis: int(1), N: int(2) })],
  ],
  [
    "Unpack of the channels",
    IMAGE,
    (g) => {
      const parts = g.add("Unpack", ["x"], { axis: int(-1), num: int(4) });
      return [g.add("Sub", [parts, `${parts}:2`])];
    },
  ],
  [
    "Split of the channels into halves",
    IMAGE,
    (g) => {
      const halves = g.add("Split", [g.scalar(3), "x"], { num_split: int(2) });
      return [g.add("Mul", [halves, `${halves}:1`])];
    },
  ],
  [
    "SplitV into unequal parts",
    IMAGE,
    (g) => {
      const parts = g.add("SplitV", ["x", g.ints([1, 3]), g.scalar(-1)], { num_split: int(2) });
      return [g.add("AddV2", [parts, `${parts}:1`])];
    },
  ],
  ["Slice", IMAGE, (g) => [g.add("Slice", ["x", g.ints([0, 1, 2, 1]), g.ints([-1, 3, -1, 2])])]],
  [
    "StridedSlice with masks",
    IMAGE,
    (g) => [
      g.add("StridedSlice", ["x", g.ints([0, 1, 0, 0]), g.ints([0, 6, 0, 3]), g.ints([1, 2, 1, 1])], {
        begin_mask: int(0b0101),
        end_mask: int(0b0101),
        ellipsis_mask: int(0),
        new_axis_mask: int(0),
        shrink_axis_mask: int(0),
      }),
    ],
  ],
  [
    "StridedSlice with ellipsis, one channel",
    IMAGE,
    (g) => [
      g.add("StridedSlice", ["x", g.ints([0, 2]), g.ints([0, 3]), g.ints([1, 1])], {
        begin_mask: int(0),
        end_mask: int(0),
        ellipsis_mask: int(1),
        new_axis_mask: int(0),
        shrink_axis_mask: int(2),
      }),
    ],
  ],
  [
    "StridedSlice with a new axis",
    IMAGE,
    (g) => [
      g.add("StridedSlice", ["x", g.ints([0, 0, 0]), g.ints([0, 0, 4]), g.ints([1, 1, 1])], {
        begin_mask: int(0b101),
        end_mask: int(0b001),
        ellipsis_mask: int(0),
        new_axis_mask: int(0b010),
        shrink_axis_mask: int(0),
      }),
    ],
  ],
  [
    "StridedSlice that runs backwards",
    IMAGE,
    (g) => [
      g.add("StridedSlice", ["x", g.ints([0, -1]), g.ints([0, 0]), g.ints([1, -1])], {
        begin_mask: int(0b01),
        end_mask: int(0b11),
        ellipsis_mask: int(0),
        new_axis_mask: int(0),
        shrink_axis_mask: int(0),
      }),
    ],
  ],
  ...["Pad", "PadV2"].map(
    (op): Case => [
      op,
      IMAGE,
      (g) => [
        g.add(op, ["x", g.ints([0, 0, 1, 2, 0, 3, 0, 1], [4, 2]), ...(op === "PadV2" ? [g.floats([], () => -2)] : [])]),
      ],
    ],
  ),
  [
    "MirrorPad",
    IMAGE,
    (g) => [g.add("MirrorPad", ["x", g.ints([0, 0, 1, 2, 0, 3, 0, 0], [4, 2])], { mode: codes("REFLECT") })],
  ],
  ...["Mean", "Max", "Min", "Sum"].flatMap((op): Case[] =>
    [true, false].map(
      (keep): Case => [
        `${op} over pixels, axes ${keep ? "kept" : "gone"}`,
        IMAGE,
        (g) => [g.add(op, ["x", g.ints([1, 2])], { keep_dims: bool(keep) })],
      ],
    ),
  ),
  ["Mean over channels", IMAGE, (g) => [g.add("Mean", ["x", g.ints([-1])], { keep_dims: bool(false) })]],
];

const resizes: Case[] = ["ResizeBilinear", "ResizeNearestNeighbor"].flatMap((op) =>
  (["plain", "half_pixel_centers", "align_corners"] as const).flatMap((mode) =>
    [
      [13, 9],
      [3, 4],
      [14, 12],
    ].map(
      (size): Case => [
        `${op} ${mode} 7x6 to ${size.join("x")}`,
        IMAGE,
        (g) => [
          g.add(op, ["x", g.ints(size)], {
            align_corners: bool(mode === "align_corners"),
            half_pixel_centers: bool(mode === "half_pixel_centers"),
          }),
        ],
      ],
    ),
  ),
);

const products: Case[] = [
  [
    "MatMul",
    [1, 6],
    (g) => [g.add("MatMul", ["x", g.floats([6, 5])], { transpose_a: bool(false), transpose_b: bool(false) })],
  ],
  [
    "MatMul with weights turned",
    [1, 6],
    (g) => [g.add("MatMul", ["x", g.floats([5, 6])], { transpose_a: bool(false), transpose_b: bool(true) })],
  ],
  [
    "_FusedMatMul BiasAdd",
    [1, 6],
    (g) => [
      g.add("_FusedMatMul", ["x", g.floats([6, 5]), g.floats([5])], {
        fused_ops: strings("BiasAdd"),
        num_args: int(1),
        transpose_a: bool(false),
        transpose_b: bool(false),
      }),
    ],
  ],
  [
    "_FusedMatMul BiasAdd Relu",
    [1, 6],
    (g) => [
      g.add("_FusedMatMul", ["x", g.floats([6, 5]), g.floats([5])], {
        fused_ops: strings("BiasAdd", "Relu"),
        num_args: int(1),
        transpose_a: bool(false),
        transpose_b: bool(false),
      }),
    ],
  ],
];

/** Shape arithmetic as Keras exports it: everything but the last Reshape is done at import. */
const folded: Case[] = [
  [
    "Shape, StridedSlice, FloorDiv and Pack into a Reshape",
    IMAGE,
    (g) => {
      const size = g.add("Shape", ["x"], { out_type: { type: "DT_INT32" } });
      const one = (i: number) =>
        g.add("StridedSlice", [size, g.ints([i]), g.ints([i + 1]), g.ints([1])], {
          T: { type: "DT_INT32" },
          begin_mask: int(0),
          end_mask: int(0),
          ellipsis_mask: int(0),
          new_axis_mask: int(0),
          shrink_axis_mask: int(1),
        });
      const half = g.add("FloorDiv", [one(3), g.scalar(2)], { T: { type: "DT_INT32" } });
      return [
        g.add("Reshape", [
          "x",
          g.add("Pack", [one(0), one(1), one(2), g.scalar(2), half], {
            T: { type: "DT_INT32" },
            axis: int(0),
            N: int(5),
          }),
        ]),
      ];
    },
  ],
  [
    "Cast of a shape, scaled, into ResizeNearestNeighbor",
    IMAGE,
    (g) => {
      const size = g.add("StridedSlice", [g.add("Shape", ["x"]), g.ints([1]), g.ints([3]), g.ints([1])], {
        begin_mask: int(0),
        end_mask: int(0),
        ellipsis_mask: int(0),
        new_axis_mask: int(0),
        shrink_axis_mask: int(0),
      });
      const twice = g.add("Mul", [
        g.add("Cast", [size], { SrcT: { type: "DT_INT32" }, ...type("DT_INT32") }),
        g.ints([2, 2]),
      ]);
      return [
        g.add("ResizeNearestNeighbor", ["x", twice], { align_corners: bool(false), half_pixel_centers: bool(false) }),
      ];
    },
  ],
  [
    "SparseToDense of strides into StridedSlice",
    IMAGE,
    (g) => {
      const dense = (at: number, value: number, filler: number) =>
        g.add("SparseToDense", [g.ints([at]), g.ints([4]), g.ints([value]), g.scalar(filler)], {
          validate_indices: bool(true),
          T: { type: "DT_INT32" },
        });
      return [
        g.add("StridedSlice", ["x", dense(1, 2, 0), dense(1, 6, 0), dense(1, 2, 1)], {
          begin_mask: int(0b1101),
          end_mask: int(0b1101),
          ellipsis_mask: int(0),
          new_axis_mask: int(0),
          shrink_axis_mask: int(0),
        }),
      ];
    },
  ],
];

export const CASES: readonly Case[] = [...convolutions, ...elementwise, ...shape, ...resizes, ...products, ...folded];
