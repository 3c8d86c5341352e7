/** Clusters a and b (named by their first points, a < b) joined at a height: the largest distance between a point of one and a point of the other. */
export interface Merge {
  readonly a: number;
  readonly b: number;
  readonly height: number;
}

/** 1 - cosine as `completeLinkageTree` takes it; from the upper triangle alone, as products are not always symmetric in their last bits. `gram`: n x n. */
export function cosineDistances(gram: ArrayLike<number>, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let x = 0; x < n; x++)
    for (let y = x + 1; y < n; y++) {
      out[x * n + y] = 1 - gram[x * n + y]!;
      out[y * n + x] = out[x * n + y]!;
    }
  return out;
}

/**
 * The tree of complete-linkage agglomerative clustering of n points, lowest merge first: n - 1 merges, fewer where distances are not finite. `distance` n x n, symmetric,
 * row-major; it is overwritten. Nearest-neighbour chain: O(n^2) steps, the same tree as the greedy order (complete linkage is reducible), except where distances tie.
 */
export function completeLinkageTree(distance: Float64Array, n: number): Merge[] {
  const merges: Merge[] = [];
  const alive = new Uint8Array(n).fill(1);
  const chain: number[] = [];
  while (merges.length < n - 1) {
    if (chain.length === 0) chain.push(alive.indexOf(1));
    const own = chain.at(-1)!;
    // the one before in the chain wins ties, else the chain may not end
    let other = chain.at(-2) ?? -1;
    let nearest = other < 0 ? Number.POSITIVE_INFINITY : distance[own * n + other]!;
    for (let i = 0; i < n; i++) {
      if (i === own || !alive[i] || distance[own * n + i]! >= nearest) continue;
      nearest = distance[own * n + i]!;
      other = i;
    }
    if (other < 0) break; // distances that are not finite join nothing
    if (other !== chain.at(-2)) {
      chain.push(other);
      continue;
    }
    chain.length -= 2;
    const [a, b] = own < other ? [own, other] : [other, own];
    alive[b] = 0;
    merges.push({ a, b, height: nearest });
    for (let i = 0; i < n; i++) {
      const farther = Math.max(distance[a * n + i]!, distance[b * n + i]!);
      distance[a * n + i] = farther;
      distance[i * n + a] = farther;
    }
  }
  // found out of order: a merge stands behind those it is made of, which are lower or found earlier at the same height
  return merges
    .map((m, at) => ({ m, at }))
    .sort((p, q) => p.m.height - q.m.height || p.at - q.at)
    .map(({ m }) => m);
}

/** Each point's cluster after some merges of a tree, numbered by first point. */
export function clustersOf(merges: readonly Merge[], n: number): Int32Array {
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  for (const { a, b } of merges) parent[b] = a;
  for (let i = 0; i < n; i++) parent[i] = parent[parent[i]!]!; // parents are smaller, so already at their root
  const names = new Map<number, number>();
  return parent.map((root) => {
    if (!names.has(root)) names.set(root, names.size);
    return names.get(root)!;
  });
}

/** Clusters of complete linkage cut at a distance: points joined while the largest distance within the joined cluster is at most `cut`. Overwrites `distance`. */
export function completeLinkage(distance: Float64Array, n: number, cut: number): Int32Array {
  return clustersOf(
    completeLinkageTree(distance, n).filter((m) => m.height <= cut),
    n,
  );
}
