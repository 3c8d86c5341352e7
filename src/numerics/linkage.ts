/**
 * Complete-linkage agglomerative clustering of n points, cut at a distance: points joined while the largest distance within the joined cluster is at most
 * `cut`. `distance` n x n, symmetric, row-major; it is overwritten. Returns each point's cluster, numbered by its first point. Nearest-neighbour chain:
 * O(n^2) steps, the same tree as the greedy order (complete linkage is reducible), except where distances tie.
 */
export function completeLinkage(distance: Float64Array, n: number, cut: number): Int32Array {
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const alive = new Uint8Array(n).fill(1);
  const chain: number[] = [];
  for (let merges = 1; merges < n; ) {
    if (chain.length === 0) chain.push(alive.indexOf(1));
    const a = chain.at(-1)!;
    // the one before in the chain wins ties, else the chain may not end
    let b = chain.at(-2) ?? -1;
    let nearest = b < 0 ? Number.POSITIVE_INFINITY : distance[a * n + b]!;
    for (let i = 0; i < n; i++) {
      if (i === a || !alive[i] || distance[a * n + i]! >= nearest) continue;
      nearest = distance[a * n + i]!;
      b = i;
    }
    if (b < 0) break; // distances that are not finite join nothing
    if (b !== chain.at(-2)) {
      chain.push(b);
      continue;
    }
    chain.length -= 2;
    const [keep, gone] = a < b ? [a, b] : [b, a];
    alive[gone] = 0;
    merges++;
    if (nearest <= cut) parent[gone] = keep;
    for (let i = 0; i < n; i++) {
      const farther = Math.max(distance[keep * n + i]!, distance[gone * n + i]!);
      distance[keep * n + i] = farther;
      distance[i * n + keep] = farther;
    }
  }
  for (let i = 0; i < n; i++) parent[i] = parent[parent[i]!]!; // parents are smaller, so already at their root
  const names = new Map<number, number>();
  return parent.map((root) => {
    if (!names.has(root)) names.set(root, names.size);
    return names.get(root)!;
  });
}
