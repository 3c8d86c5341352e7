import { floats, ints, modelBytes, node, valueInfo } from "../onnx/build.js";

/**
 * One block of rows of many class-balanced logistic problems as two ONNX graphs, p problems over k concepts and d draws of images. A problem is a row of every
 * array (p x r): so what is one number a problem goes along whole rows, which onnxruntime does ten times faster than along columns.
 */
const f = (name: string, dims: (string | number)[]) => valueInfo(name, "float32", dims);
const i = (name: string, dims: (string | number)[]) => valueInfo(name, "int64", dims);

/**
 * What does not change from step to step:
 *   m r x k soft targets | u r x 1 weights, or r x k | image r, draws n x d: how often an image counts in a draw
 *   concept, draw, own: p indices (own: column of u) | alpha, norm p x 1
 * Per row and problem: t = norm u draws[image, draw] -> pos = t alpha m, both = pos + t (1 - alpha)(1 - m); with `dice` also t and tm = t m
 */
export function targetsGraph(dice: boolean): Uint8Array {
  return modelBytes({
    nodes: [
      node("Gather", ["draws", "image"], ["drawnRows"], { axis: 0 }),
      node("Transpose", ["drawnRows"], ["drawn"], { perm: [1, 0] }),
      node("Gather", ["drawn", "draw"], ["times"], { axis: 0 }),
      node("Transpose", ["u"], ["ut"], { perm: [1, 0] }),
      node("Gather", ["ut", "own"], ["us"], { axis: 0 }),
      node("Mul", ["times", "us"], ["counted"]),
      node("Mul", ["counted", "norm"], ["t"]),
      node("Transpose", ["m"], ["mt"], { perm: [1, 0] }),
      node("Gather", ["mt", "concept"], ["ms"], { axis: 0 }),
      node("Mul", ["t", "ms"], ["tm"]),
      node("Mul", ["tm", "alpha"], ["pos"]),
      node("Sub", ["one", "alpha"], ["beta"]),
      node("Sub", ["t", "tm"], ["rest"]),
      node("Mul", ["rest", "beta"], ["neg"]),
      node("Add", ["pos", "neg"], ["both"]),
    ],
    inputs: [
      f("m", ["r", "k"]),
      f("u", ["r", "v"]),
      valueInfo("image", "int32", ["r"]),
      f("draws", ["n", "d"]),
      i("concept", ["p"]),
      i("draw", ["p"]),
      i("own", ["p"]),
      f("alpha", ["p", 1]),
      f("norm", ["p", 1]),
    ],
    outputs: ["pos", "both", ...(dice ? ["t", "tm"] : [])].map((name) => f(name, ["p", "r"])),
    initializers: [floats("one", [], [1])],
  });
}

/**
 * A step, forward and back, of the problems `open` (q of p):
 *   x r x c rows | pos, both p x r (and t, tm) | w q x c, b q x 1
 *   z = w x^T + b, s = sigma(z)
 *   bce   loss = sum_r [pos softplus(-z) + (both - pos) softplus(z)], d = dloss/dz = both s - pos, grad = d x, gradBias = sum d
 *   dice  adds sums i = t m s, a = t s over rows, and the same back-projections of their derivatives
 * softplus(-z) = max(-z, 0) - log sigma(|z|), as the runtime's own Softplus is slow; softplus(z) = softplus(-z) + z.
 */
export function logisticGraph(dice: boolean): Uint8Array {
  const targets = ["pos", "both", ...(dice ? ["t", "tm"] : [])];
  const common = [
    ...targets.map((name) => node("Gather", [name, "open"], [`${name}Open`], { axis: 0 })),
    node("Gemm", ["w", "x", "b"], ["z"], { transB: 1 }),
    node("Sigmoid", ["z"], ["s"]),
    node("Abs", ["z"], ["size"]),
    node("Sigmoid", ["size"], ["far"]),
    node("Log", ["far"], ["logFar"]),
    node("Neg", ["z"], ["minus"]),
    node("Relu", ["minus"], ["low"]),
    node("Sub", ["low", "logFar"], ["soft"]),
    node("Mul", ["bothOpen", "soft"], ["lossA"]),
    node("Sub", ["bothOpen", "posOpen"], ["neg"]),
    node("Mul", ["neg", "z"], ["lossB"]),
    node("Add", ["lossA", "lossB"], ["lossRows"]),
    node("ReduceSum", ["lossRows", "rows"], ["loss"], { keepdims: 0 }),
    node("Mul", ["bothOpen", "s"], ["fit"]),
    node("Sub", ["fit", "posOpen"], ["d"]),
    node("Gemm", ["d", "x"], ["grad"]),
    node("ReduceSum", ["d", "rows"], ["gradBias"], { keepdims: 0 }),
  ];
  const more = [
    node("Mul", ["tOpen", "s"], ["ts"]),
    node("Mul", ["tmOpen", "s"], ["tms"]),
    node("ReduceSum", ["tms", "rows"], ["i"], { keepdims: 0 }),
    node("ReduceSum", ["ts", "rows"], ["a"], { keepdims: 0 }),
    node("Sub", ["one", "s"], ["off"]),
    node("Mul", ["ts", "off"], ["da"]),
    node("Mul", ["tms", "off"], ["di"]),
    node("Gemm", ["di", "x"], ["gradI"]),
    node("Gemm", ["da", "x"], ["gradA"]),
    node("ReduceSum", ["di", "rows"], ["biasI"], { keepdims: 0 }),
    node("ReduceSum", ["da", "rows"], ["biasA"], { keepdims: 0 }),
  ];
  const sums = ["loss", "gradBias", ...(dice ? ["i", "a", "biasI", "biasA"] : [])];
  const gradients = ["grad", ...(dice ? ["gradI", "gradA"] : [])];
  return modelBytes({
    nodes: dice ? [...common, ...more] : common,
    inputs: [
      f("x", ["r", "c"]),
      ...targets.map((name) => f(name, ["p", "r"])),
      i("open", ["q"]),
      f("w", ["q", "c"]),
      f("b", ["q", 1]),
    ],
    outputs: [...sums.map((name) => f(name, ["q"])), ...gradients.map((name) => f(name, ["q", "c"]))],
    initializers: [ints("rows", [1], [1]), ...(dice ? [floats("one", [], [1])] : [])],
  });
}
