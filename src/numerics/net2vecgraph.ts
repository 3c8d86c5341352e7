import { floats, ints, modelBytes, node, valueInfo } from "../onnx/build.js";
import type { TensorValue } from "./engine.js";
import type { AxisWeights } from "./resample.js";
import { bilinearWeights } from "./resample.js";

/**
 * x n x c x hw, v 1 x c -> logits n x h x w, upsampled by uy (size x h) and ux (w x size) -> s; loss = -(1/n) sum u [alpha m s + (1 - alpha)(1 - m)(1 - s)]
 * and its gradient over v.
 */
export function net2vecGraph(): Uint8Array {
  const f = (name: string, dims: (string | number)[]) => valueInfo(name, "float32", dims);
  return modelBytes({
    nodes: [
      node("MatMul", ["v", "x"], ["flat"]),
      node("Reshape", ["flat", "map"], ["z"]),
      node("MatMul", ["uy", "z"], ["tall"]),
      node("MatMul", ["tall", "ux"], ["up"]),
      node("Sigmoid", ["up"], ["s"]),
      node("Sub", ["one", "s"], ["off"]),
      node("Sub", ["one", "m"], ["out"]),
      node("Sub", ["one", "alpha"], ["beta"]),
      node("Mul", ["m", "alpha"], ["inside"]),
      node("Mul", ["out", "beta"], ["outside"]),
      node("Mul", ["inside", "s"], ["right"]),
      node("Mul", ["outside", "off"], ["wrong"]),
      node("Add", ["right", "wrong"], ["each"]),
      node("Mul", ["each", "u"], ["known"]),
      node("Mul", ["known", "scale"], ["scaled"]),
      node("ReduceSum", ["scaled"], ["loss"], { keepdims: 0 }),
      node("Sub", ["inside", "outside"], ["pull"]),
      node("Mul", ["s", "off"], ["slope"]),
      node("Mul", ["pull", "slope"], ["force"]),
      node("Mul", ["force", "u"], ["forceKnown"]),
      node("Mul", ["forceKnown", "scale"], ["d"]),
      node("Transpose", ["uy"], ["uyT"], { perm: [1, 0] }),
      node("Transpose", ["ux"], ["uxT"], { perm: [1, 0] }),
      node("MatMul", ["uyT", "d"], ["short"]),
      node("MatMul", ["short", "uxT"], ["down"]),
      node("Reshape", ["down", "column"], ["cells"]),
      node("MatMul", ["x", "cells"], ["perImage"]),
      node("ReduceSum", ["perImage", "images"], ["gradientRows"], { keepdims: 0 }),
      node("Reshape", ["gradientRows", "vector"], ["gradient"]),
    ],
    inputs: [
      f("x", ["n", "c", "hw"]),
      f("m", ["n", "s", "s"]),
      f("u", ["n", "s", "s"]),
      f("v", [1, "c"]),
      f("alpha", [1]),
      f("uy", ["s", "h"]),
      f("ux", ["w", "s"]),
      f("scale", [1]),
      valueInfo("map", "int64", [3]),
      valueInfo("column", "int64", [3]),
    ],
    outputs: [f("loss", []), f("gradient", ["c"])],
    initializers: [floats("one", [], [1]), ints("images", [1], [0]), ints("vector", [1], [-1])],
  });
}

/** What depends on sizes alone. */
export function constantsOf(n: number, h: number, w: number, size: number): Record<string, TensorValue> {
  const long = (values: number[]): TensorValue => ({
    type: "int64",
    dims: [3],
    data: BigInt64Array.from(values, BigInt),
  });
  const ux = dense(bilinearWeights(w, 0, 1, size));
  const turned = new Float32Array(ux.length);
  for (let t = 0; t < size; t++) for (let i = 0; i < w; i++) turned[i * size + t] = ux[t * w + i]!;
  return {
    uy: { type: "float32", dims: [size, h], data: dense(bilinearWeights(h, 0, 1, size)) },
    ux: { type: "float32", dims: [w, size], data: turned },
    scale: { type: "float32", dims: [1], data: Float32Array.of(-1 / n) },
    map: long([n, h, w]),
    column: long([n, h * w, 1]),
  };
}

/** nOut x nIn. */
function dense({ nIn, nOut, start, count, most, weights }: AxisWeights): Float32Array {
  const out = new Float32Array(nOut * nIn);
  for (let t = 0; t < nOut; t++)
    for (let j = 0; j < count[t]!; j++) out[t * nIn + start[t]! + j] = weights[t * most + j]!;
  return out;
}
