/** Complete linkage by its definition: the two clusters with the smallest largest distance are joined, until that is above `cut`. */
export function completeLinkageSlow(distance: Float64Array, n: number, cut: number): number[][] {
  const clusters = Array.from({ length: n }, (_, i) => [i]);
  for (;;) {
    let best = { d: Number.POSITIVE_INFINITY, i: -1, j: -1 };
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        const d = Math.max(...clusters[i]!.flatMap((a) => clusters[j]!.map((b) => distance[a * n + b]!)));
        if (d < best.d) best = { d, i, j };
      }
    }
    if (!(best.d <= cut)) return clusters;
    clusters[best.i]!.push(...clusters.splice(best.j, 1)[0]!);
  }
}
