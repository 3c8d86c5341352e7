/** Resampled pixel by pixel, in double precision and without rounding, from the definition: weights w(s + 0.5 - centre) over the source, normalised. */
export function resizeSlowly(
  data: Uint8Array,
  [w, h]: readonly [number, number],
  [W, H]: readonly [number, number],
  kind: "bilinear" | "bicubic",
  antialias: boolean,
): Float64Array {
  const kernel = (x: number): number => {
    const t = Math.abs(x);
    if (kind === "bilinear") return Math.max(0, 1 - t);
    const a = antialias ? -0.5 : -0.75;
    if (t <= 1) return (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1;
    return t < 2 ? a * (t ** 3 - 5 * t ** 2 + 8 * t - 4) : 0;
  };
  const row = (from: number, to: number, i: number): number[] => {
    const scale = from / to;
    const width = antialias ? Math.max(1, scale) : 1;
    const weights = new Array<number>(from).fill(0);
    // without antialias the border pixel repeats outwards; with it the kernel is cut there
    for (let s = -4; s < from + 4; s++) {
      const value = kernel((s + 0.5 - (i + 0.5) * scale) / width);
      if (s >= 0 && s < from) weights[s]! += value;
      else if (!antialias) weights[s < 0 ? 0 : from - 1]! += value;
    }
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((v) => v / sum);
  };
  const across = Array.from({ length: W }, (_, x) => row(w, W, x));
  const down = Array.from({ length: H }, (_, y) => row(h, H, y));
  const clip = (v: number) => Math.min(255, Math.max(0, v));
  // Pillow's picture between the two directions is one of pixels, so it cannot overshoot; OpenCV's is one of sums
  const between = (v: number) => (antialias ? clip(v) : v);
  const out = new Float64Array(W * H * 3);
  for (let x = 0; x < W; x++)
    for (let c = 0; c < 3; c++) {
      const column = down[0]!.map((_, sy) =>
        between(across[x]!.reduce((sum, weight, sx) => sum + weight * data[(sy * w + sx) * 3 + c]!, 0)),
      );
      for (let y = 0; y < H; y++)
        out[(y * W + x) * 3 + c] = clip(down[y]!.reduce((sum, weight, sy) => sum + weight * column[sy]!, 0));
    }
  return out;
}
