import { areaWeights, bilinearWeights, resamplePlanes } from "./resample.js";

/** Whole planes hIn x wIn -> hOut x wOut, bilinear with half-pixel centres: torch.nn.functional.interpolate(align_corners=False). */
export function resizeBilinear(
  data: Float32Array,
  planes: number,
  hIn: number,
  wIn: number,
  hOut: number,
  wOut: number,
): Float32Array {
  return resamplePlanes(data, planes, hIn, wIn, bilinearWeights(hIn, 0, 1, hOut), bilinearWeights(wIn, 0, 1, wOut));
}

/** Whole planes hIn x wIn -> hOut x wOut by area averages with fractional overlaps; keeps the mean of each plane. */
export function resizeArea(
  data: Float32Array,
  planes: number,
  hIn: number,
  wIn: number,
  hOut: number,
  wOut: number,
): Float32Array {
  return resamplePlanes(data, planes, hIn, wIn, areaWeights(hIn, 0, 1, hOut), areaWeights(wIn, 0, 1, wOut));
}
