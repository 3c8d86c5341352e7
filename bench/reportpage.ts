// The page of a study of 3 networks x 8 taps x K concepts x 128 photographs: writes it and says how large it is; scripts/measure-report.mjs then measures it in a browser.
//   npx tsx bench/reportpage.ts K OUT && node scripts/measure-report.mjs OUT
// Photographs are the demo's, repeated; concept maps are sums of random blobs, cut at the study's density. Nothing here is a result.
import { parseConfig } from "../src/cli/explain.js";
import { preprocessingSchema } from "../src/contract/preprocessing.js";
import type { ConceptRow, LayerRow, RunFile } from "../src/contract/results.js";
import { coarser } from "../src/maps/grid.js";
import { packBlocks, writePage } from "../src/node/reportpage.js";
import { mapSprites, PHOTOS_A_BLOCK, photographs } from "../src/node/reportpictures.js";
import { demoImages } from "../src/node/zoo/photographs.js";
import { packAbove } from "../src/numerics/bits.js";
import { quantile } from "../src/numerics/quantile.js";
import { seededRandom } from "../src/numerics/random.js";
import { gather } from "../src/report/gather.js";
import { EXAMPLE_LAYOUT, EXAMPLE_PLACES } from "../src/similarity/examples.js";
import { partners } from "../src/similarity/match.js";
import type { StudyResult } from "../src/study.js";

const PHOTOGRAPHS = 128;
const GRIDS = [56, 56, 56, 38, 28, 19, 14, 7];

/** Scores of k concepts on n photographs, each a sum of five blobs. */
function scores(n: number, k: number, side: number, seed: string): Float32Array {
  const random = seededRandom(seed);
  const out = new Float32Array(n * k * side * side);
  for (let plane = 0; plane < n * k; plane++) {
    for (let blob = 0; blob < 5; blob++) {
      const [cy, cx, r, height] = [random() * side, random() * side, side * (0.04 + 0.12 * random()), random()];
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++)
          out[(plane * side + y) * side + x]! += height * Math.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * r * r));
    }
  }
  return out;
}

async function main(k: number, out: string): Promise<void> {
  const { list } = await demoImages();
  const test = Array.from({ length: PHOTOGRAPHS }, (_, i) => list.images[i % list.images.length]!);
  const names = ["first", "second", "third"];
  const taps = GRIDS.map((side, i) => ({
    name: `block_${i}/relu`,
    op: "Relu",
    depth: (i + 1) / 8,
    headDepth: (i + 1) / 8,
    channels: 64,
    height: side,
    width: side,
  }));
  const preprocessing = preprocessingSchema.parse({ width: 320, height: 320 });
  const study = {
    config: parseConfig({ networks: [{ source: "x" }] }),
    networks: names.map((id) => ({ id, taps, preprocessing })),
    fit: [],
    test,
  };
  const layers = names.flatMap((_, network) =>
    taps.map((tap, index) => ({ network, tap, index, grid: { h: tap.height, w: tap.width } })),
  );
  const random = seededRandom("cells");
  const cells = layers.flatMap((la, a) =>
    layers.slice(a).map((lb, i) => {
      const data = Float64Array.from({ length: k * k }, () => random() ** 4);
      const corrected = { data, rows: k, cols: k };
      const images = Int32Array.from({ length: 2 * k * EXAMPLE_PLACES }, () => Math.floor(random() * PHOTOGRAPHS));
      const examples = { images, ious: Float32Array.from(images, () => random()), layout: EXAMPLE_LAYOUT };
      return {
        a,
        b: a + i,
        grid: coarser(la.grid, lb.grid),
        raw: random(),
        result: {
          similarity: partners(corrected),
          iou: { corrected },
          nullDistribution: { pair99: 0.6 },
          significance: { similarity: random() },
          examples,
        },
      };
    }),
  );
  const planes = (l: number) => scores(PHOTOGRAPHS, k, layers[l]!.grid.h, `layer ${l}`);
  const result = {
    study,
    layers,
    mined: layers.map(() => ({ fit: { vectors: { rows: k }, explainedVariance: 0.9 } })),
    comparison: { cells, self: layers.map(() => 0.8), thresholds: [] },
    maps: async (l: number) => ({ data: planes(l), n: PHOTOGRAPHS, c: k, h: layers[l]!.grid.h, w: layers[l]!.grid.w }),
  } as unknown as StudyResult;
  const images = test.map((_, i) => i);
  const { photos, blocks: shots } = await photographs(result, images);
  const { tiles, blocks: maps } = await mapSprites(result, images);
  const masks = layers.map((_, l) => {
    const data = planes(l);
    const t = quantile(
      data.filter((_, i) => i % 97 === 0),
      0.9,
    );
    return packAbove(data, PHOTOGRAPHS, k, new Float64Array(k).fill(t));
  });
  const id = (l: number) => ({
    model: names[layers[l]!.network]!,
    layer: layers[l]!.tap.name,
    depth: layers[l]!.tap.depth,
  });
  const rows = cells.map(({ a, b, result: r }) => {
    const [x, y] = [id(a), id(b)];
    return {
      method: "nmf",
      model_a: x.model,
      layer_a: x.layer,
      model_b: y.model,
      layer_b: y.layer,
      depth_a: x.depth,
      depth_b: y.depth,
      similarity: r.significance.similarity,
      ci_low: 0.1,
      ci_high: 0.9,
      z: 9,
      p_value: 0.01,
      grid: "7x7",
      flags: "",
    } as unknown as LayerRow;
  });
  const concepts = layers.flatMap((_, l) =>
    Array.from(
      { length: k },
      (_, concept) =>
        ({
          ...id(l),
          concept,
          energy: 1 / k,
          stability: 0.9,
          density: 0.1,
          label: null,
          label_iou: null,
        }) as unknown as ConceptRow,
    ),
  );
  const run = {
    tool: { name: "samesight", version: "0", node: process.version, onnxruntime: "-" },
    created: "-",
    config: study.config,
    models: names.map((model) => ({
      id: model,
      twin_of: null,
      source: model,
      sha256: "",
      licence: null,
      parameterBytes: 0,
      taps: taps.map((t) => ({ ...t, k, explained_variance: 0.9 })),
    })),
    dataset: { hash: "", fit: 0, test: PHOTOGRAPHS, skipped: [], sources: [] },
    seed: 0,
    stagesMs: {},
    peakMemoryBytes: 0,
    findings: [],
    twins: [],
    warnings: ["Drawn at random to measure the page: no result."],
  } as unknown as RunFile;
  const { manifest, blocks } = gather(
    result,
    run,
    { layers: rows, concepts },
    { images, masks, coarser: masks.map(() => new Map()), photos, photosPerBlock: PHOTOS_A_BLOCK, tiles },
  );
  console.log(await writePage(out, manifest, packBlocks({ ...blocks, ...shots, ...maps })));
}

await main(Number(process.argv[2] ?? 10), process.argv[3] ?? "samesight-page");
