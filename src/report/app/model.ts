import type { CellNumber, ReportCells, ReportLayer, ReportManifest } from "../data.js";
import { clip, number } from "../render/text.js";
import { upright } from "./blocks.js";

export const manifest = JSON.parse(document.getElementById("data")!.textContent!, upright) as ReportManifest;
export const { layers, photos } = manifest;
export const models = manifest.run.models;
export const names = models.map((m) => m.id);
/** The concept method of the study; the others stand beside it. */
export const ownMethod = String(
  (manifest.run.config as { concepts?: { method?: string } }).concepts?.method ?? Object.keys(manifest.cells)[0],
);
export const methods = Object.keys(manifest.cells).sort((a, b) => Number(b === ownMethod) - Number(a === ownMethod));
/** Trained networks, without shuffled twins. */
export const trained = models.flatMap((m, i) => (m.twin_of === null || m.twin_of === undefined ? [i] : []));
export const twins = models.flatMap((_, i) => (trained.includes(i) ? [] : [i]));

/** A name that fits a line. */
export const shortName = (network: number, most = 60): string => clip(names[network]!, most);

export const layersOf = (network: number): number[] => layers.flatMap((l, i) => (l.network === network ? [i] : []));

/** Pairs of networks, different ones first; shuffled twins only when asked for. */
export function pairsOf(withTwins: boolean): { a: number; b: number; key: string; label: string }[] {
  const some = withTwins ? [...trained, ...twins] : trained;
  const pairs = some.flatMap((a, i) => some.slice(i).map((b) => ({ a, b })));
  return pairs
    .sort((p, q) => Number(p.a === p.b) - Number(q.a === q.b))
    .map(({ a, b }) => ({
      a,
      b,
      key: `${a}-${b}`,
      label: a === b ? `${shortName(a, 40)} with itself` : `${shortName(a, 40)} and ${shortName(b, 40)}`,
    }));
}

const indexes = new Map<string, Map<string, number>>();

/** Place of a cell among the columns of a method; undefined where it has none. */
function cellPlace(method: string, a: number, b: number): number | undefined {
  let index = indexes.get(method);
  if (!index) {
    const cells = manifest.cells[method];
    index = new Map(cells?.a.map((x, i) => [key(x, cells.b[i]!), i]));
    indexes.set(method, index);
  }
  return index.get(key(a, b));
}

const key = (a: number, b: number) => (a <= b ? `${a} ${b}` : `${b} ${a}`);

export interface CellView {
  readonly a: number;
  readonly b: number;
  /** Whether the cell is stored the other way round. */
  readonly turned: boolean;
  readonly grid: string;
  readonly flags: string;
  readonly pair99: number | null;
  readonly of: (name: CellNumber) => number | null;
}

export function cellOf(method: string, a: number, b: number): CellView | undefined {
  const at = cellPlace(method, a, b);
  const cells: ReportCells | undefined = manifest.cells[method];
  if (at === undefined || !cells) return undefined;
  const turned = cells.a[at] !== a;
  return {
    a,
    b,
    turned,
    grid: cells.grid[at]!,
    flags: cells.flags[at]!,
    pair99: cells.pair99[at]!,
    of: (name) => {
      const asked = turned && name === "forward" ? "backward" : turned && name === "backward" ? "forward" : name;
      return cells[asked]?.[at] ?? null;
    },
  };
}

/** A network as tables name it. */
export function networkName(id: unknown): string {
  const at = names.indexOf(String(id));
  return at < 0 ? String(id) : shortName(at, 40);
}

/** Layer of a concept, and its number in it. */
export function conceptAt(concept: number): { layer: number; number: number } {
  let layer = layers.length - 1;
  while (layer > 0 && layers[layer]!.first > concept) layer--;
  return { layer, number: concept - layers[layer]!.first };
}

export function conceptTitle(concept: number): string {
  const { layer, number: i } = conceptAt(concept);
  const own = layers[layer]!;
  const label = manifest.concepts.label[concept];
  return `${names[own.network]}, ${own.short}, concept ${i + 1}${label ? ` (${label})` : ""}`;
}

/** A layer as figures name it, by the names in a table. */
export function layerShort(model: unknown, name: unknown): string {
  return layers.find((l) => l.name === name && models[l.network]!.id === model)?.short ?? String(name);
}

export const layerTitle = (l: ReportLayer): string => `${names[l.network]}, ${l.short}`;

export interface Measure {
  readonly id: CellNumber;
  readonly label: string;
  readonly note: string;
  readonly digits: number;
}

export const MEASURES: readonly Measure[] = [
  {
    id: "similarity",
    label: "similarity S′",
    digits: 2,
    note: "Overlap of matched concepts on the pair's coarser grid, corrected for chance, less what the same photographs in permuted order give. 0: no more alike than by chance; 1: the same masks.",
  },
  {
    id: "pair_iou",
    label: "S before the null",
    digits: 2,
    note: "The same before the permuted photographs are subtracted: it still holds what all maps share by position, such as borders.",
  },
  {
    id: "raw_iou",
    label: "raw IoU",
    digits: 2,
    note: "Best set IoU on one fine grid, uncorrected: what is usually reported. It rises where two layers merely have the same resolution.",
  },
  {
    id: "one_to_one",
    label: "one to one",
    digits: 2,
    note: "Overlap when every concept may have one partner only: lower where many concepts of one layer share a partner.",
  },
  {
    id: "coarsest",
    label: "S′ on the coarsest grid",
    digits: 2,
    note: "S′ with all layers on the study's coarsest grid: what is left when no layer has a finer map than another.",
  },
  {
    id: "pearson",
    label: "correlation of maps",
    digits: 2,
    note: "Mean best correlation of the maps with the mean of each position removed, less its permutation null.",
  },
  {
    id: "z",
    label: "z against the null",
    digits: 0,
    note: "Distance from the null in its standard deviations: a flag only, it saturates.",
  },
];

const METHODS: Readonly<Record<string, string>> = {
  nmf: "mined concepts (NMF)",
  pca: "mined concepts (PCA)",
  kmeans: "mined concepts (k-means)",
  net2vec: "named concepts (Net2Vec)",
  logistic: "named concepts (probes)",
  dice: "named concepts (Dice)",
  cka: "linear CKA",
  procrustes: "Procrustes",
  svcca: "SVCCA",
  pwcca: "PWCCA",
  rsa: "RSA",
  mutual_knn: "mutual nearest neighbours",
  matching: "correlation matching",
  lasso_regression: "lasso regression",
  linear_predictivity: "linear predictivity",
  rdx: "RDX",
  replacement: "replacement test (RSVC)",
};

export const methodLabel = (method: string): string => METHODS[method] ?? method;

/** Those of the measures that a method has in this study. */
export function measuresOf(method: string): readonly Measure[] {
  const cells = manifest.cells[method];
  const some = MEASURES.filter((m) => cells?.[m.id]?.some((v) => v !== null));
  if (method === ownMethod) return some;
  if (cells?.backward?.some((v) => v !== null)) return bothWays(method);
  return some
    .filter((m) => m.id === "similarity" || m.id === "z")
    .map((m) =>
      m.id === "similarity"
        ? { ...m, label: methodLabel(method), note: "A known measure on the same activations, beside samesight's own." }
        : m,
    );
}

/** A measure that is not the same both ways round: rows from columns, and columns from rows. */
function bothWays(method: string): readonly Measure[] {
  const [mine, theirs] =
    method === "replacement"
      ? ["the columns' concepts in place of the rows'", "the rows' concepts in place of the columns'"]
      : ["rows predicted from columns", "columns predicted from rows"];
  const note =
    method === "replacement"
      ? "Share of the effect on the network's outputs that is kept when a layer's concepts are predicted from the other's. 1: all of it; 0: no more than their mean keeps."
      : "A known measure on the same activations, beside samesight's own.";
  return [
    { id: "forward", label: `${methodLabel(method)}: ${mine}`, note, digits: 2 },
    { id: "backward", label: `${methodLabel(method)}: ${theirs}`, note, digits: 2 },
  ];
}

/** Reasons for care in words; empty where a value may be trusted. Identity is no reason. */
export function doubt(flags: string): string {
  return flags
    .split(";")
    .filter((f) => f !== "" && f !== "identity")
    .join(", ");
}

export function interval(cell: CellView): string {
  const [low, high] = [cell.of("ci_low"), cell.of("ci_high")];
  return low === null ? "no interval" : `${number(low)} to ${number(high)}`;
}
