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

/** Prefixes that exporters put before every name. */
const EXPORTERS = /^(onnx_tf_prefix_|tf_op_layer_)/;

/**
 * The least of each name that tells it apart in its network, for figures and captions: `expanded_conv_3` of
 * `FeatureExtractor/MobilenetV2/expanded_conv_3/project/BatchNorm/add_1`. Unique, in the order given; where that needs more, more is shown.
 */
export function shownNames(names: readonly string[], most = 44): string[] {
  const safe = shortNames(names, most);
  if (names.length < 2) return safe;
  const parts = names.map((name) => scopesOf(name).map((p) => p.replace(EXPORTERS, "") || p));
  const path = (p: readonly string[], from: number, to: number) => p.slice(from, to).join("/");
  const shown = parts.map((own) => {
    const alike = (from: number, to: number) => parts.filter((p) => path(p, from, to) === path(own, from, to)).length;
    const alone = (from: number, to: number) => alike(from, to) === 1;
    let to = 1;
    while (to < own.length && !alone(0, to)) to++;
    let from = 0;
    // an outer scope goes that nearly all lie in: it says nothing of where
    while (from < to - 1 && alone(from + 1, to) && alike(from, from + 1) >= 0.75 * parts.length) from++;
    return middleOut(path(own, from, to), most);
  });
  const counts = count(shown);
  const telling = shown.map((s, i) => (s === "" || counts.get(s)! > 1 ? safe[i]! : s));
  return new Set(telling).size === telling.length ? telling : safe;
}
