import type { StudyConfig, StudyConfigInput } from "../contract/config.js";
import { configSchema } from "../contract/config.js";
import { SamesightError } from "../errors.js";
import { readPreprocessing } from "../node/network.js";
import { nearestName } from "../numerics/nearest.js";

export interface StudyFlags {
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
export async function configFromFlags(networks: readonly string[], flags: StudyFlags): Promise<StudyConfig> {
  const preprocess = await byNetwork(networks, flags.preprocess ?? [], "--preprocess", readPreprocessing);
  const layers = await byNetwork(networks, flags.layers ?? [], "--layers", async (spec) => spec);
  return parseConfig({
    networks: networks.map((source, i) => ({
      source,
      ...(layers[i]!.length > 0 ? { layers: layers[i]! } : {}),
      ...(preprocess[i]!.length > 0 ? { preprocess: preprocess[i]!.at(-1)! } : {}),
    })),
    ...(flags.images === undefined ? {} : { images: flags.images }),
    ...(flags.testImages === undefined ? {} : { testImages: flags.testImages }),
    ...(flags.maxImages === undefined ? {} : { maxImages: whole(flags.maxImages, "--max-images") }),
    ...(flags.twins === undefined ? {} : { twins: whole(flags.twins, "--twins") }),
    ...(flags.controls === undefined ? {} : { controls: controlsOf(flags.controls) as "all" }),
    ...(flags.seed === undefined ? {} : { seed: whole(flags.seed, "--seed") }),
    concepts: {
      ...(flags.method === undefined ? {} : { method: flags.method as "nmf" }),
      ...(flags.concepts === undefined
        ? {}
        : { k: flags.concepts === "auto" ? "auto" : whole(flags.concepts, "--concepts") }),
    },
    similarity: {
      ...(flags.permutations === undefined ? {} : { permutations: whole(flags.permutations, "--permutations") }),
      ...(flags.bootstrap === undefined ? {} : { bootstrap: whole(flags.bootstrap, "--bootstrap") }),
    },
  });
}

const controlsOf = (text: string): string | string[] =>
  text === "all" || text === "none" ? text : text.split(",").map((id) => id.trim());

/** `NETWORK=VALUE` goes to that network, a bare value to all. NETWORK may be the path, or its last part, or the zoo's name. */
async function byNetwork<T>(
  networks: readonly string[],
  given: readonly string[],
  flag: string,
  read: (value: string) => Promise<T>,
): Promise<T[][]> {
  const out: T[][] = networks.map(() => []);
  const short = networks.map((n) =>
    n
      .replace(/^zoo:/, "")
      .replace(/^.*[\\/]/, "")
      .replace(/\.(onnx|json)$/, ""),
  );
  for (const item of given) {
    const cut = item.indexOf("=");
    const name = cut < 0 ? "" : item.slice(0, cut);
    const value = await read(item.slice(cut + 1));
    const hits = networks.flatMap((n, i) =>
      cut < 0 || n === name || short[i] === name.replace(/^zoo:/, "") ? [i] : [],
    );
    if (hits.length === 0) {
      const near = nearestName(name, short);
      throw new SamesightError("unknown", `${flag} ${item}: no network of this study is called '${name}'`, {
        hint: near ? `Did you mean '${near}'?` : `Name one of ${short.join(", ")}.`,
      });
    }
    for (const i of hits) out[i]!.push(value);
  }
  return out;
}

function whole(text: string, flag: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 0)
    throw new SamesightError("invalid", `${flag} ${text}: expected a whole number`, { hint: `Write ${flag} 10.` });
  return n;
}

/** Throws SamesightError `unknown` for a key that is not there (with the nearest one), `invalid` for a value that does not fit. */
export function parseConfig(input: unknown, where = "study"): StudyConfig {
  const parsed = configSchema.safeParse(input as StudyConfigInput);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const place = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const near = nearestName(key, [
      ...Object.keys(configSchema.shape),
      "source",
      "layers",
      "preprocess",
      "id",
      "method",
      "k",
      "rows",
      "negative",
      "refits",
      "grid",
      "density",
      "permutations",
      "bootstrap",
    ]);
    throw new SamesightError("unknown", `${where}: unknown key '${place ? `${place}.` : ""}${key}'`, {
      hint: near ? `Did you mean '${near}'?` : "See schemas/study.schema.json.",
    });
  }
  throw new SamesightError("invalid", `${where}: ${place || "the study"}: ${issue.message}`, {
    hint: "See samesight compare --help or schemas/study.schema.json.",
  });
}
