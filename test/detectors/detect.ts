/** Boxes from the heads of the three detectors, as their authors decode them; for tests only: the product looks at layers, not at boxes. */
import type { Plain } from "./pair.js";

export interface Detection {
  /** 0-79, as in the labels. */
  readonly label: number;
  readonly score: number;
  /** x0, y0, x1, y1 in shares of the picture's sides. */
  readonly box: readonly [number, number, number, number];
}

const FEWEST_SCORE = 0.01;
const MOST = 100;
const NMS_IOU = 0.6;

/** Ids of COCO (1-90, with gaps) in the order of the 80 classes. */
const GAPS = new Set([12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);
const COCO_IDS = Array.from({ length: 90 }, (_, i) => i + 1).filter((id) => !GAPS.has(id));

export function detections(network: string, heads: readonly Plain[]): Detection[] {
  if (network === "ssdlite-mobilenetv2") return ssd(heads);
  if (network === "centernet-mobilenetv3") return centerNet(heads);
  return nanoDet(heads);
}

/** Anchors: scores [1,1917,90], column c = COCO id c+1; boxes [1,1917,1,4] decoded in the graph, as ymin, xmin, ymax, xmax. */
function ssd([scores, boxes]: readonly Plain[]): Detection[] {
  const [anchors, columns] = [scores!.shape[1]!, scores!.shape[2]!];
  const found: Detection[] = [];
  for (let i = 0; i < anchors; i++)
    for (const [label, id] of COCO_IDS.entries()) {
      const score = scores!.data[i * columns + id - 1]!;
      if (score < FEWEST_SCORE) continue;
      const [y0, x0, y1, x1] = boxes!.data.subarray(i * 4, i * 4 + 4);
      found.push({ label, score, box: [x0!, y0!, x1!, y1!] });
    }
  return suppressed(found);
}

/** Centre heat map [1,128,128,80]: its local maxima are objects; [1,128,128,4] tells the way to the left, top, right and bottom in input pixels. */
function centerNet([heat, reach]: readonly Plain[]): Detection[] {
  const [, h, w, classes] = heat!.shape as [number, number, number, number];
  const stride = 4;
  const at = (y: number, x: number, c: number) => heat!.data[(y * w + x) * classes + c]!;
  const found: Detection[] = [];
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let label = 0; label < classes; label++) {
        const score = at(y, x, label);
        if (score < FEWEST_SCORE) continue;
        let peak = true;
        for (let v = Math.max(0, y - 1); v <= Math.min(h - 1, y + 1); v++)
          for (let u = Math.max(0, x - 1); u <= Math.min(w - 1, x + 1); u++) peak &&= at(v, u, label) <= score;
        if (!peak) continue;
        const [left, top, right, bottom] = reach!.data.subarray((y * w + x) * 4, (y * w + x) * 4 + 4);
        const [sx, sy] = [w * stride, h * stride];
        found.push({
          label,
          score,
          box: [
            (x * stride - left!) / sx,
            (y * stride - top!) / sy,
            (x * stride + right!) / sx,
            (y * stride + bottom!) / sy,
          ],
        });
      }
  return strongest(found);
}

/** Distribution focal loss: the three grids' classes, then their 4 x 11 bins; a side's distance is the mean of its bins, in strides. */
function nanoDet(heads: readonly Plain[]): Detection[] {
  const side = 416;
  const found: Detection[] = [];
  for (let level = 0; level < 3; level++) {
    const [scores, bins] = [heads[level]!, heads[level + 3]!];
    const grid = Math.sqrt(scores.shape[1]!);
    const [classes, count] = [scores.shape[2]!, bins.shape[2]! / 4];
    const stride = side / grid;
    for (let i = 0; i < grid * grid; i++)
      for (let label = 0; label < classes; label++) {
        const score = scores.data[i * classes + label]!;
        if (score < FEWEST_SCORE) continue;
        const d = [0, 1, 2, 3].map((s) => {
          const from = (i * 4 + s) * count;
          return (stride * meanBin(bins.data.subarray(from, from + count))) / side;
        });
        const [cx, cy] = [(((i % grid) + 0.5) * stride) / side, ((Math.floor(i / grid) + 0.5) * stride) / side];
        found.push({ label, score, box: [cx - d[0]!, cy - d[1]!, cx + d[2]!, cy + d[3]!] });
      }
  }
  return suppressed(found);
}

function meanBin(logits: Float32Array): number {
  const most = Math.max(...logits);
  let [sum, weighted] = [0, 0];
  for (const [i, v] of logits.entries()) {
    const e = Math.exp(v - most);
    sum += e;
    weighted += i * e;
  }
  return weighted / sum;
}

const strongest = (found: Detection[]) => found.sort((a, b) => b.score - a.score).slice(0, MOST);

/** Greedy non-maximum suppression, each class for itself. */
function suppressed(found: Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const d of found.sort((a, b) => b.score - a.score)) {
    if (kept.every((k) => k.label !== d.label || iou(k.box, d.box) < NMS_IOU)) kept.push(d);
    if (kept.length === MOST) break;
  }
  return kept;
}

export function iou(a: Detection["box"], b: Detection["box"]): number {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (w <= 0 || h <= 0) return 0;
  const area = (r: Detection["box"]) => (r[2] - r[0]) * (r[3] - r[1]);
  return (w * h) / (area(a) + area(b) - w * h);
}

export interface Truth {
  readonly label: number;
  readonly box: Detection["box"];
}

/** AP at IoU 0.5: mean over the classes that occur, precision made monotone and integrated at 101 recalls, as the COCO tool does. */
export function ap50(found: readonly (readonly Detection[])[], truth: readonly (readonly Truth[])[]): number {
  const labels = [...new Set(truth.flat().map((t) => t.label))];
  const each = labels.map((label) => {
    const wanted = truth.map((image) => image.filter((t) => t.label === label));
    const total = wanted.reduce((n, w) => n + w.length, 0);
    const taken = wanted.map((w) => w.map(() => false));
    const ranked = found
      .flatMap((image, x) => image.filter((d) => d.label === label).map((d) => ({ x, d })))
      .sort((a, b) => b.d.score - a.d.score);
    const precision: number[] = [];
    const recall: number[] = [];
    let hits = 0;
    for (const [n, { x, d }] of ranked.entries()) {
      let best = -1;
      let most = 0.5;
      for (const [i, t] of wanted[x]!.entries()) {
        const overlap = iou(t.box, d.box);
        if (!taken[x]![i] && overlap >= most) [best, most] = [i, overlap];
      }
      if (best >= 0) {
        taken[x]![best] = true;
        hits++;
      }
      precision.push(hits / (n + 1));
      recall.push(hits / total);
    }
    for (let i = precision.length - 2; i >= 0; i--) precision[i] = Math.max(precision[i]!, precision[i + 1]!);
    let sum = 0;
    for (let r = 0; r <= 100; r++) {
      const at = recall.findIndex((v) => v >= r / 100 - 1e-12);
      sum += at < 0 ? 0 : precision[at]!;
    }
    return sum / 101;
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
}
