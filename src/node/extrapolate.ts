/** What two small runs say of a large one. */

export interface Small {
  /** What the cost grows with: images, rows. */
  readonly size: number;
  readonly cost: number;
}

/**
 * Cost at `size` when it is a part that is always there and a part in proportion to the size, from two runs of different size; what did not grow from one
 * to the other stays as the second found it.
 */
export function extrapolate(a: Small, b: Small, size: number): number {
  const slope = (b.cost - a.cost) / (b.size - a.size);
  return slope > 0 && Number.isFinite(slope) ? b.cost + slope * (size - b.size) : b.cost;
}
