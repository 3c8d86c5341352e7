/**
 * Names of a network's tensors for people: exporters' scopes shortened, each unique among `names`, in the order given.
 * `/layer1/layer1.0/conv1/Conv_output_0` becomes `layer1.0/conv1/Conv`; scopes that all share go. Longer than `most` characters: the middle goes.
 */
export function shortNames(names: readonly string[], most = 44): string[] {
  const parts = names.map(scopesOf);
  let front = 0;
  if (names.length > 1) while (parts.every((p) => p.length > front + 1 && p[front] === parts[0]![front])) front++;
  const short = parts.map((p) => middleOut(p.slice(front).join("/"), most));
  const counts = count(short);
  // where shortening made two alike, the whole name tells them apart
  const whole = short.map((s, i) => (counts.get(s)! > 1 ? names[i]! : s));
  const seen = new Map<string, number>();
  return whole.map((s) => {
    const n = (seen.get(s) ?? 0) + 1;
    seen.set(s, n);
    return n === 1 ? s : `${s}~${n}`;
  });
}

/** Scopes from the outside in: `_output_0` and `:0` of exporters off, a module before its own child dropped (`layer1/layer1.0`). */
function scopesOf(name: string): string[] {
  const parts = name
    .replace(/(_output_\d+|:\d+)$/, "")
    .split("/")
    .filter((p) => p !== "");
  const kept = parts.filter((p, i) => !parts[i + 1]?.startsWith(`${p}.`));
  return kept.length > 0 ? kept : [name];
}

function middleOut(text: string, most: number): string {
  if (text.length <= most) return text;
  const front = Math.floor((most - 1) * 0.45);
  return `${text.slice(0, front)}…${text.slice(text.length - (most - 1 - front))}`;
}

function count(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
