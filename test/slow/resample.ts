import type { AxisWeights } from "../../src/numerics/resample.js";

/** The sums of src/numerics/resample.ts as they are written down: rows first, then columns, doubles, in the order of the source cells. */
export function resampleSlow(
  data: Float32Array,
  planes: number,
  hIn: number,
  wIn: number,
  wy: AxisWeights,
  wx: AxisWeights,
): Float32Array {
  const out = new Float32Array(planes * wy.nOut * wx.nOut);
  let to = 0;
  for (let p = 0; p < planes; p++) {
    for (let y = 0; y < wy.nOut; y++) {
      for (let x = 0; x < wx.nOut; x++) {
        let sum = 0;
        for (let j = 0; j < wx.count[x]!; j++) {
          let column = 0;
          for (let i = 0; i < wy.count[y]!; i++) {
            column += wy.weights[y * wy.most + i]! * data[(p * hIn + wy.start[y]! + i) * wIn + wx.start[x]! + j]!;
          }
          sum += wx.weights[x * wx.most + j]! * column;
        }
        out[to++] = sum;
      }
    }
  }
  return out;
}
