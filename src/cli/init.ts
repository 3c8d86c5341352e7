import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { DEFAULTS } from "../contract/defaults.js";
import { SamesightError } from "../errors.js";
import { openNetwork } from "../node/network.js";

const IMAGE = /\.(jpe?g|png|webp|avif|gif|tiff?)$/i;
const LABEL = /\.(json|txt)$/i;
const DEEPEST = 6;
const SCHEMA = join(import.meta.dirname, "../../schemas/study.schema.json");

interface Found {
  readonly networks: { readonly path: string; readonly comment: string }[];
  /** Folders by the number of images right in them. */
  readonly images: ReadonlyMap<string, number>;
  readonly labels: readonly string[];
}

/** Writes a study with comments from what lies below a folder; the path. Throws SamesightError `missing` without networks, `duplicate` where one is already. */
export async function init(dir: string, force: boolean): Promise<{ path: string; text: string }> {
  const found = await look(dir);
  if (found.networks.length === 0) {
    throw new SamesightError("missing", `no .onnx network below ${dir}`, {
      hint: "Put the networks there, or name the folder: samesight init DIR.",
    });
  }
  const path = join(dir, "study.yaml");
  const text = studyText(found, relative(dir, SCHEMA).split(sep).join("/"));
  await writeFile(path, text, { flag: force ? "w" : "wx" }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EEXIST") {
      throw new SamesightError("duplicate", `${path} is already there`, { hint: "Pass --force to write it anew." });
    }
    throw new SamesightError("invalid", `${path} cannot be written: ${cause.code}`, {
      hint: "Check the folder.",
      cause,
    });
  });
  return { path, text };
}

async function look(dir: string): Promise<Found> {
  const isFolder = await stat(dir).then(
    (s) => s.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new SamesightError("missing", `no folder at ${dir}`, { hint: "Name an existing folder." });
  const networks: { path: string; comment: string }[] = [];
  const images = new Map<string, number>();
  const labels: string[] = [];
  const walk = async (folder: string, level: number): Promise<void> => {
    const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
    const texts = entries.filter((e) => e.isFile() && /\.txt$/i.test(e.name)).length;
    for (const e of entries) {
      const path = join(folder, e.name);
      const own = relative(dir, path).split(sep).join("/");
      if (e.isDirectory() && !e.name.startsWith(".") && e.name !== "node_modules" && level < DEEPEST) {
        // a run of ours holds pictures that are no photographs
        if (!(await readdir(path)).includes("run.json")) await walk(path, level + 1);
      } else if (e.name.endsWith(".onnx")) networks.push({ path: own, comment: await describe(path) });
      else if (IMAGE.test(e.name)) {
        const key = relative(dir, folder).split(sep).join("/") || ".";
        images.set(key, (images.get(key) ?? 0) + 1);
      } else if (LABEL.test(e.name) && (await isLabels(path))) labels.push(own);
    }
    if (texts > 3) labels.push(relative(dir, folder).split(sep).join("/") || ".");
  };
  await walk(dir, 0);
  return { networks, images, labels: [...new Set(labels)].filter((l) => !/\.txt$/.test(l)) };
}

async function describe(path: string): Promise<string> {
  try {
    const n = await openNetwork(path, undefined);
    const { width, height, resize, channels } = n.preprocessing;
    const size = `${width} x ${height}, ${resize}, ${channels}`;
    return n.guessed ? `images guessed as ${size}, 0..1: correct it with preprocess` : `images ${size} (${n.origin})`;
  } catch (error) {
    return `${(error as Error).message.split("\n")[0]}`;
  }
}

/** COCO's JSON has annotations and images. */
async function isLabels(path: string): Promise<boolean> {
  if (!path.endsWith(".json") || (await stat(path)).size > 2e9) return false;
  const start = await readFile(path, "utf8").catch(() => "");
  return /"annotations"\s*:/.test(start) && /"categories"\s*:/.test(start);
}

/** `schema`: where editors find the keys and their values. */
function studyText({ networks, images, labels }: Found, schema: string): string {
  const folders = [...images].sort((a, b) => b[1] - a[1]);
  const named = (word: RegExp) => folders.find(([f]) => word.test(basename(f)))?.[0];
  const test = named(/^(val|test|valid)/i);
  const fit = named(/^train/i) ?? folders.find(([f]) => f !== test)?.[0] ?? test;
  const counted = (f: string) => `# ${images.get(f)} images`;
  const line = (key: string, value: string, comment: string) => `${key}: ${quoted(value)}  ${comment}`;
  return [
    `# yaml-language-server: $schema=${schema}`,
    "# A study of samesight: which layers of these networks see the same things?",
    "# Run it: samesight run study.yaml --out study     What it would cost: samesight run study.yaml --dry-run",
    "# Paths are relative to this file. Everything that is commented out shows the default.",
    "",
    "networks:",
    ...networks.flatMap(({ path, comment }) => [
      `  - source: ${quoted(path)}  # ${comment}`,
      `    # layers: [${DEFAULTS.layers}]  # names, globs, op:Relu, stage:3, depth:0.2-0.8, auto:N; samesight inspect lists them`,
      "    # preprocess: {width: 640, height: 640, resize: letterbox}  # or the path of a JSON file, or of a preprocessor_config.json",
    ]),
    "",
    ...(fit === undefined
      ? ["images: photographs  # no folder of images was found here: name one"]
      : [line("images", fit, counted(fit))]),
    ...(test !== undefined && test !== fit
      ? [line("testImages", test, counted(test))]
      : ["# testImages: other-photographs  # default: a split of images"]),
    `# fitFraction: ${DEFAULTS.fitFraction}  # share of images to mine concepts from, where testImages is not given`,
    "# maxImages: 500  # at most so many a side",
    ...(labels.length > 0
      ? [
          "",
          `# Labels found: ${labels.slice(0, 4).join(", ")}; look at them with: samesight labels ${quoted(labels[0]!)} --images ${quoted(fit ?? "photographs")}`,
        ]
      : []),
    "",
    "# concepts:",
    `#   method: ${DEFAULTS.method}  # nmf, pca or kmeans`,
    `#   k: ${DEFAULTS.k}  # concepts a layer, or auto`,
    `#   rows: ${DEFAULTS.rows}  # pixels sampled a layer`,
    `#   refits: ${DEFAULTS.refits}  # fits on resampled images, for stability and intervals`,
    "# maps:",
    `#   density: ${DEFAULTS.density}  # share of pixels that a concept's mask covers`,
    "# similarity:",
    `#   permutations: ${DEFAULTS.permutations}`,
    `#   bootstrap: ${DEFAULTS.bootstrap}  # 0 for no intervals`,
    `# seed: ${DEFAULTS.seed}`,
    "",
  ].join("\n");
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : JSON.stringify(text);
}
