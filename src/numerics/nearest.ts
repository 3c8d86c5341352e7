/** Edits between two words: insertions, deletions, substitutions, neighbours swapped (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const d = new Uint32Array((a.length + 1) * width);
  for (let i = 0; i <= a.length; i++) d[i * width] = i;
  for (let j = 0; j <= b.length; j++) d[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(d[(i - 1) * width + j]! + 1, d[i * width + j - 1]! + 1, d[(i - 1) * width + j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, d[(i - 2) * width + j - 2]! + 1);
      d[i * width + j] = best;
    }
  }
  return d[a.length * width + b.length]!;
}

/** The most similar of `names`, or undefined when none is near enough to be what was meant (half of the letters). */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const short = name.slice(0, 200).toLowerCase();
  let best: string | undefined;
  let fewest = Math.max(2, short.length / 2);
  for (const candidate of names) {
    const edits = editDistance(short, candidate.slice(0, 200).toLowerCase());
    if (edits < fewest || (edits === fewest && best === undefined)) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}
