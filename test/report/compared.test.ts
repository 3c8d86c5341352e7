import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/cli/explain.js";
import { readSafetensors } from "../../src/contract/safetensors.js";
import { runToFolder } from "../../src/node/run.js";
import type { ReportManifest } from "../../src/report/data.js";
import { discs, emptyFolder, networks } from "../e2e/support.js";

/** What a page says and shows of a pair of concepts, read from the page itself. */
describe("the photographs of a pair", () => {
  let manifest: ReportManifest;
  let block: (name: string) => ReturnType<typeof readSafetensors>;

  beforeAll(async () => {
    const nets = networks();
    const photographs = emptyFolder("pictures");
    for (let i = 0; i < 20; i++)
      await discs(`disc ${i}`, i % 3 === 0 ? 48 : 72, 56)
        .png()
        .toFile(join(photographs, `p${i}.png`));
    const config = parseConfig({
      networks: [
        { source: nets.residual, layers: ["auto:3"] },
        { source: nets.inverted, layers: ["auto:3"] },
      ],
      images: photographs,
      concepts: { k: 4, refits: 2 },
      similarity: { permutations: 20, bootstrap: 20 },
      twins: 1,
    });
    const { report } = await runToFolder(config, {
      out: join(emptyFolder("report"), "run"),
      cacheDir: emptyFolder("cache"),
    });
    const html = readFileSync(report, "utf8");
    manifest = JSON.parse(/id="data">(.*?)<\/script>/s.exec(html)![1]!) as ReportManifest;
    block = (name) => {
      const found = html.split(`data-block="${name}">`)[1]!.split("</script>")[0]!;
      return readSafetensors(gunzipSync(Buffer.from(found, "base64")));
    };
  });

  const isTwin = (layer: number) => Boolean(manifest.run.models[manifest.layers[layer]!.network]!.twin_of);

  /** Of concept i of a layer on a photograph, on a grid: what the page draws. */
  function maskOf(layer: number, i: number, photo: number, grid: string): number[] {
    const own = manifest.layers[layer]!;
    const { tensors } = block(`masks/${layer}`);
    const bits = tensors[grid === `${own.gridH}x${own.gridW}` ? "bits" : `bits/${grid}`]!;
    const [, n, bytes] = bits.dims as [number, number, number];
    const [h, w] = grid.split("x").map(Number) as [number, number];
    const from = (i * n + photo) * bytes;
    return Array.from({ length: h * w }, (_, c) => ((bits.data as Uint8Array)[from + (c >> 3)]! >> (c & 7)) & 1);
  }

  test("carry masks whose overlap is the IoU said below them, on the grid on which the layers are compared", () => {
    const cells = manifest.cells.nmf!;
    const best = block("concepts").tensors.best!.data as Int32Array;
    let coarser = 0;
    let seen = 0;
    cells.a.forEach((a, at) => {
      const b = cells.b[at]!;
      if (a === b || [a, b].some(isTwin)) return;
      const { tensors } = block(`cells/${a}`);
      const [photos, ious] = [tensors[`photos/${b}`]!, tensors[`ious/${b}`]!].map((t) => t.data as Float32Array);
      const places = tensors[`photos/${b}`]!.dims[1]!;
      const la = manifest.layers[a]!;
      for (let i = 0; i < la.k; i++) {
        // the partner's place among the concepts of its layer
        const j = best[(la.first + i) * manifest.layers.length + b]!;
        for (let p = 0; p < places; p++) {
          const photo = photos![i * places + p]!;
          if (photo < 0) continue;
          const [x, y] = [maskOf(a, i, photo, cells.grid[at]!), maskOf(b, j, photo, cells.grid[at]!)];
          const both = x.filter((v, c) => v === 1 && y[c] === 1).length;
          const either = x.filter((v, c) => v === 1 || y[c] === 1).length;
          expect(Math.abs(both / either - ious![i * places + p]!)).toBeLessThan(6e-4);
          seen++;
          if (cells.grid[at] !== `${la.gridH}x${la.gridW}`) coarser++;
        }
      }
    });
    // neither is this true of nothing
    expect(seen).toBeGreaterThan(100);
    expect(coarser).toBeGreaterThan(20);
  });

  test("shuffled twins have masks on their own grids, and neither maps nor other grids that would make the page large", () => {
    const twin = manifest.layers.findIndex((_, l) => isTwin(l));
    expect(twin).toBeGreaterThan(0);
    expect(manifest.layers[twin]!.tile).toBeNull();
    expect(Object.keys(manifest.blocks)).toContain(`masks/${twin}`);
    expect(Object.keys(manifest.blocks)).not.toContain(`maps/${twin}`);
    expect(Object.keys(manifest.blocks)).toContain("maps/0");
    expect(Object.keys(block(`masks/${twin}`).tensors)).toEqual(["bits"]);
  });
});
