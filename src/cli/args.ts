import type { StudyConfig, StudyConfigInput } from "../contract/config.js";
import { SamesightError } from "../errors.js";
import { nearestName } from "../numerics/nearest.js";
import { parseConfig } from "./explain.js";
import type { LabelFlags } from "./labelflags.js";
import { labelsFromFlags } from "./labelflags.js";

export { parseConfig } from "./explain.js";

export interface StudyFlags extends LabelFlags {
  readonly images?: string;
  readonly testImages?: string;
  readonly layers?: readonly string[];
  readonly concepts?: string;
  readonly method?: string;
  readonly preprocess?: readonly string[];
  readonly maxImages?: string;
  readonly seed?: string;
  readonly permutations?: string;
  readonly bootstrap?: string;
  readonly twins?: string;
  readonly controls?: string;
}

/** Flags and network names -> a study. Throws SamesightError `invalid` or `unknown` naming the flag. */
export function configFromFlags(networks: readonly string[], flags: StudyFlags): StudyConfig {
  return parseConfig(withFlags({ networks: networks.map((source) => ({ source })) }, flags), "the command");
}

/** A study as written, with what the flags say put over it. */
export function withFlags(study: StudyConfigInput, flags: StudyFlags): StudyConfigInput {
  const preprocess = byNetwork(study.networks, flags.preprocess ?? [], "--preprocess");
  const layers = byNetwork(study.networks, flags.layers ?? [], "--layers");
  const asked = flags.labels ?? (study.labels && labelFlagsGiven(flags) ? [study.labels.path].flat() : undefined);
  const labels = labelsFromFlags({ ...flags, ...(asked ? { labels: asked } : {}) });
  const concepts = {
    ...(flags.method === undefined ? {} : { method: flags.method as "nmf" }),
    ...(flags.concepts === undefined
      ? {}
      : { k: flags.concepts === "auto" ? ("auto" as const) : whole(flags.concepts, "--concepts") }),
  };
  const similarity = {
    ...(flags.permutations === undefined ? {} : { permutations: whole(flags.permutations, "--permutations") }),
    ...(flags.bootstrap === undefined ? {} : { bootstrap: whole(flags.bootstrap, "--bootstrap") }),
  };
  return {
    ...study,
    networks: study.networks.map((network, i) => ({
      ...network,
      ...(layers[i]!.length > 0 ? { layers: layers[i]! } : {}),
      ...(preprocess[i]!.length > 0 ? { preprocess: preprocess[i]!.at(-1)! } : {}),
    })),
    ...(flags.images === undefined ? {} : { images: flags.images }),
    ...(flags.testImages === undefined ? {} : { testImages: flags.testImages }),
    ...(flags.maxImages === undefined ? {} : { maxImages: whole(flags.maxImages, "--max-images") }),
    ...(flags.twins === undefined ? {} : { twins: whole(flags.twins, "--twins") }),
    ...(flags.controls === undefined ? {} : { controls: controlsOf(flags.controls) as "all" }),
    ...(labels ? { labels: { ...study.labels, ...labels, merge: { ...study.labels?.merge, ...labels.merge } } } : {}),
    ...(flags.locations ? { probes: { ...study.probes, locations: true } } : {}),
    ...(flags.seed === undefined ? {} : { seed: whole(flags.seed, "--seed") }),
    ...(Object.keys(concepts).length > 0 ? { concepts: { ...study.concepts, ...concepts } } : {}),
    ...(Object.keys(similarity).length > 0 ? { similarity: { ...study.similarity, ...similarity } } : {}),
  };
}

const labelFlagsGiven = (f: StudyFlags) =>
  f.concept !== undefined || f.labelFormat !== undefined || f.labelClasses !== undefined || f.locations === true;

const controlsOf = (text: string): string | string[] =>
  text === "all" || text === "none" ? text : text.split(",").map((id) => id.trim());

/** `NETWORK=VALUE` goes to that network, a bare value to all. NETWORK may be the id, the path, its last part, or the zoo's name. */
function byNetwork(networks: StudyConfigInput["networks"], given: readonly string[], flag: string): string[][] {
  const out: string[][] = networks.map(() => []);
  const names = networks.map((n) => [n.id, n.source, shortOf(n.source)]);
  for (const item of given) {
    // a bare glob may hold '=' itself only where a network's name stands before it
    const cut = item.indexOf("=");
    const name = cut < 0 ? "" : item.slice(0, cut);
    const hits = names.flatMap((n, i) => (cut < 0 || n.includes(name) || n[2] === shortOf(name) ? [i] : []));
    if (hits.length === 0) {
      const known = names.map((n) => n[0] ?? n[2]!);
      const near = nearestName(name, known);
      throw new SamesightError("unknown", `${flag} ${item}: no network of this study is called '${name}'`, {
        hint: near ? `Did you mean '${near}'?` : `Name one of ${known.join(", ")}.`,
      });
    }
    for (const i of hits) out[i]!.push(item.slice(cut + 1));
  }
  return out;
}

/** `zoo:nanodet` is nanodet, `nets/old.onnx` is old. */
export function shortOf(source: string): string {
  return source
    .replace(/^zoo:/, "")
    .replace(/^.*[\\/]/, "")
    .replace(/\.(onnx|json)$/, "");
}

export function whole(text: string, flag: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 0 || text.trim() === "")
    throw new SamesightError("invalid", `${flag} ${text}: expected a whole number`, { hint: `Write ${flag} 10.` });
  return n;
}
