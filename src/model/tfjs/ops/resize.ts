import { known, PLANES } from "../lowering.js";
import type { Rule, Rules } from "./rule.js";
import { made } from "./rule.js";

/** Scales rather than sizes, so that the batch stays free. */
function resize(mode: "linear" | "nearest"): Rule {
  return (node, [x, s], to) => {
    const [h, w] = known(s, node.name) as [number, number];
    const corners = node.attr?.align_corners?.b ?? false;
    const half = node.attr?.half_pixel_centers?.b ?? false;
    const factors = Float32Array.of(1, 1, scaleTo(h, x!.shape[1]!), scaleTo(w, x!.shape[2]!));
    const feeds = [to.inOrder(x!, PLANES, node.name), "", to.floats(`${node.name}/scales`, [4], factors)];
    const out = to.emit("Resize", feeds, node.name, {
      mode,
      coordinate_transformation_mode: corners ? "align_corners" : half ? "half_pixel" : "asymmetric",
      nearest_mode: corners || half ? "round_prefer_ceil" : "floor",
    });
    return made(out, [x!.shape[0]!, h, w, x!.shape[3]!], PLANES, x!.batch);
  };
}

/** out / in as float32, a last place larger where the product's floor would otherwise miss `out`. */
export function scaleTo(out: number, size: number): number {
  const scale = Float32Array.of(out / size);
  const bits = new Uint32Array(scale.buffer);
  while (Math.floor(Math.fround(scale[0]! * size)) < out) bits[0]! += 1;
  return scale[0]!;
}

export const resizes: Rules = { ResizeBilinear: resize("linear"), ResizeNearestNeighbor: resize("nearest") };
