/** Why shuffled networks agree: how much of concept maps simple properties of the picture explain (brightness, contrast, edges, warm against cold). */
import { Matrix, solve } from "ml-matrix";
import sharp from "sharp";
import { onGrid } from "../src/maps/masks.js";
import { mean, standardDeviation } from "../src/numerics/statistics.js";
import type { StudyResult } from "../src/study.js";

const SIDE = 160;
const GRID = 10;
const CELL = SIDE / GRID;

/** For trained and shuffled networks, tap by tap: adjusted R^2 of the maps' means over an image, and R^2 of the maps cell by cell without position means. */
export async function pictureStatistics(result: StudyResult, files: readonly string[]): Promise<string> {
  const pictures = await Promise.all(files.map(propertiesOf));
  const whole = pictures.map((p) => p.whole);
  const local = withoutPosition(pictures.map((p) => p.local));
  const found = new Map<string, { whole: number[]; local: number[] }>();
  const all = files.map((_, i) => i);
  for (const [l, { network, index }] of result.layers.entries()) {
    const maps = onGrid(await result.maps(l, all), { h: GRID, w: GRID });
    const kind = result.study.networks[network]!.twin ? "shuffled" : "trained";
    const to = found.get(`${kind} ${index}`) ?? { whole: [], local: [] };
    found.set(`${kind} ${index}`, to);
    for (let c = 0; c < maps.c; c++) {
      const planes = all.map((x) => maps.data.subarray((x * maps.c + c) * GRID ** 2, (x * maps.c + c + 1) * GRID ** 2));
      to.whole.push(adjusted(explained(whole, planes.map(mean)), all.length, whole[0]!.length));
      to.local.push(explained(local, withoutPosition(planes.map((p) => [Array.from(p)])).flat()));
    }
  }
  const taps = [...new Set(result.layers.map((l) => l.index))].sort((a, b) => a - b);
  const row = (kind: string, part: "whole" | "local") => [
    kind,
    part === "whole" ? "mean over the photograph" : "cell by cell",
    ...taps.map((t) => mean(found.get(`${kind} ${t}`)![part].filter((v) => !Number.isNaN(v))).toFixed(2)),
  ];
  const rows = (["whole", "local"] as const).flatMap((p) => ["trained", "shuffled"].map((kind) => row(kind, p)));
  return [["networks", "maps", ...taps.map((t) => `tap ${t + 1}`)], ["---", "---", ...taps.map(() => "---")], ...rows]
    .map((r) => `| ${r.join(" | ")} |`)
    .join("\n");
}

/** Of a photograph: 5 properties of the whole (brightness, contrast, edges across and down, red less blue), 4 of each cell of a grid. */
async function propertiesOf(file: string): Promise<{ whole: number[]; local: number[][] }> {
  const { data } = await sharp(file)
    .toColourspace("srgb")
    .removeAlpha()
    .resize(SIDE, SIDE, { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (y: number, x: number) => 3 * (y * SIDE + x);
  const grey = (y: number, x: number) => (data[at(y, x)]! + data[at(y, x) + 1]! + data[at(y, x) + 2]!) / 3;
  const values = { grey: [] as number[], across: [] as number[], down: [] as number[], warm: [] as number[] };
  const local = ["grey", "edges", "contrast", "warm"].map(() => new Array<number>(GRID ** 2).fill(0));
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const cell = Math.floor(y / CELL) * GRID + Math.floor(x / CELL);
      const [g, warm] = [grey(y, x), data[at(y, x)]! - data[at(y, x) + 2]!];
      const [across, down] = [x > 0 ? Math.abs(g - grey(y, x - 1)) : 0, y > 0 ? Math.abs(g - grey(y - 1, x)) : 0];
      values.grey.push(g);
      values.warm.push(warm);
      values.across.push(across);
      values.down.push(down);
      local[0]![cell]! += g;
      local[1]![cell]! += across + down;
      local[3]![cell]! += warm;
    }
  for (let i = 0; i < values.grey.length; i++) {
    const cell = Math.floor(i / SIDE / CELL) * GRID + Math.floor((i % SIDE) / CELL);
    local[2]![cell]! += Math.abs(values.grey[i]! - local[0]![cell]! / CELL ** 2);
  }
  const whole = [
    mean(values.grey),
    standardDeviation(values.grey),
    mean(values.across),
    mean(values.down),
    mean(values.warm),
  ];
  return { whole, local };
}

/** images x properties x cells -> (image, cell) x properties, each position's mean over the images removed. */
function withoutPosition(values: readonly (readonly (readonly number[])[])[]): number[][] {
  const means = values[0]!.map((cells, p) => cells.map((_, c) => mean(values.map((v) => v[p]![c]!))));
  return values.flatMap((v) => v[0]!.map((_, c) => v.map((cells, p) => cells[c]! - means[p]![c]!)));
}

/** R^2 of a least squares fit with an intercept. */
function explained(x: readonly (readonly number[])[], y: readonly (number | readonly number[])[]): number {
  const target = y.map((v) => (typeof v === "number" ? v : v[0]!));
  const centre = mean(target);
  const scale = x[0]!.map((_, p) => standardDeviation(x.map((r) => r[p]!)) || 1);
  const design = new Matrix(x.map((r) => [1, ...r.map((v, p) => v / scale[p]!)]));
  const transposed = design.transpose();
  const fit = design.mmul(solve(transposed.mmul(design), transposed.mmul(Matrix.columnVector(target))));
  let [left, total] = [0, 0];
  target.forEach((v, i) => {
    left += (v - fit.get(i, 0)) ** 2;
    total += (v - centre) ** 2;
  });
  return total > 0 ? 1 - left / total : Number.NaN;
}

const adjusted = (r2: number, n: number, p: number) => 1 - ((1 - r2) * (n - 1)) / (n - p - 1);
