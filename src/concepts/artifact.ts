import type { TensorFile } from "../contract/safetensors.js";
import type { Matrix } from "../numerics/types.js";
import type { MinedLayer } from "./mine.js";
import type { NegativeMode } from "./negative.js";

/** A mined layer as a safetensors file, and back, without loss. */
export function layerToFile(layer: MinedLayer): TensorFile {
  const { fit } = layer;
  const matrix = (m: Matrix) => ({ type: "float32" as const, dims: [m.rows, m.cols], data: m.data });
  return {
    tensors: {
      vectors: matrix(fit.vectors),
      refit: matrix(layer.refit),
      energy: { type: "float64", dims: [fit.energy.length], data: fit.energy },
      stability: { type: "float64", dims: [layer.stability.length], data: layer.stability },
    },
    metadata: {
      kind: "concepts",
      explainedVariance: String(fit.explainedVariance),
      objective: String(fit.objective),
      iterations: String(fit.iterations),
      converged: String(fit.converged),
      negativeEnergy: String(layer.negativeEnergy),
      mode: layer.mode,
    },
  };
}

export function layerFromFile({ tensors, metadata }: TensorFile): MinedLayer {
  const matrix = (name: string): Matrix => {
    const t = tensors[name]!;
    return { data: t.data as Float32Array, rows: t.dims[0]!, cols: t.dims[1]! };
  };
  return {
    fit: {
      vectors: matrix("vectors"),
      energy: tensors.energy!.data as Float64Array,
      explainedVariance: Number(metadata.explainedVariance),
      objective: Number(metadata.objective),
      iterations: Number(metadata.iterations),
      converged: metadata.converged === "true",
    },
    refit: matrix("refit"),
    stability: tensors.stability!.data as Float64Array,
    negativeEnergy: Number(metadata.negativeEnergy),
    mode: metadata.mode as NegativeMode,
  };
}
