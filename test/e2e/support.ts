/** A small study from nothing: networks and photographs made in code, the command line as a function. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { run } from "../../src/cli/run.js";
import { seededRandom } from "../../src/numerics/random.js";
import { inverted, residual } from "../model/nets.js";

const kept: string[] = [];
process.on("exit", () => {
  for (const dir of kept) rmSync(dir, { recursive: true, force: true });
});

/** An empty folder, gone when the process ends. */
export function emptyFolder(name = "e2e"): string {
  const dir = mkdtempSync(join(tmpdir(), `samesight-${name}-`));
  kept.push(dir);
  return dir;
}

/** Artifacts of these tests never meet those of the user. Networks of the zoo are looked up in the user's cache all the same. */
export function ownStore(): string {
  const dir = emptyFolder("cache");
  process.env.SAMESIGHT_CACHE = dir;
  return dir;
}

/** A picture of coloured discs on a grey ramp. */
export function discs(seed: string, width = 64, height = 48) {
  const random = seededRandom(seed);
  const data = new Uint8Array(width * height * 3).map((_, i) => 40 + ((i / 3) % width) + 20 * random());
  for (let n = 0; n < 8; n++) {
    const [cx, cy, r] = [random() * width, random() * height, 4 + random() * 9];
    const color = [255 * random(), 255 * random(), 255 * random()];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) if ((x - cx) ** 2 + (y - cy) ** 2 < r * r) data.set(color, (y * width + x) * 3);
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

export async function photographs(count: number, dir = emptyFolder("photographs"), from = 0): Promise<string> {
  mkdirSync(dir, { recursive: true });
  for (let i = from; i < from + count; i++)
    await discs(`disc ${i}`)
      .png()
      .toFile(join(dir, `p${String(i).padStart(3, "0")}.png`));
  return dir;
}

/** Two networks of 32 x 32 pixels, `residual.onnx` and `inverted.onnx`, in a folder. */
export function networks(dir = emptyFolder("networks")): { dir: string; residual: string; inverted: string } {
  const paths = { dir, residual: join(dir, "residual.onnx"), inverted: join(dir, "inverted.onnx") };
  writeFileSync(paths.residual, residual(["batch", 3, 32, 32]).bytes(["scores", "boxes"]));
  writeFileSync(paths.inverted, inverted().bytes(["out"]));
  return paths;
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function samesight(
  argv: readonly string[],
  io: { terminal?: boolean; stopped?: () => boolean } = {},
): Promise<Outcome> {
  let [out, err] = ["", ""];
  const code = await run(
    argv,
    {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      terminal: io.terminal ?? false,
      stopped: io.stopped ?? (() => false),
    },
    "0.0.0-test",
  );
  return { code, out, err };
}

/** Flags that make a study small. */
export const SMALL = ["--concepts", "3", "--layers", "auto:3", "--permutations", "20", "--bootstrap", "20"] as const;

/** Every file below a folder, sorted, relative. */
export function filesBelow(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((e) => !e.isDirectory())
      .map((e) => join(e.parentPath, e.name).slice(dir.length + 1))
      .sort();
  } catch {
    return [];
  }
}
