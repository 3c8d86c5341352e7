import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { onTestFinished } from "vitest";

/** A folder with these files, gone when the test is. */
export async function folder(files: Readonly<Record<string, Uint8Array | string>> = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "samesight-images-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return dir;
}

/** Upright test picture: left half red, right half green, a blue block in the top left corner. */
export function scene(width = 48, height = 32): { width: number; height: number; data: Uint8Array } {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const block = x < width / 4 && y < height / 2;
      data.set(block ? [0, 0, 255] : x < width / 2 ? [255, 0, 0] : [0, 255, 0], (y * width + x) * 3);
    }
  return { width, height, data };
}

export function raw(picture: { width: number; height: number; data: Uint8Array }, channels: 1 | 2 | 3 | 4 = 3) {
  return sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels } });
}

/** An uncompressed CMYK TIFF of one colour, `ink` in 0..255 for cyan, magenta, yellow and black, laid out as TIFF 6.0 says. */
export function cmykTiff(side: number, ink: readonly number[]): Uint8Array {
  const [SHORT, LONG] = [3, 4];
  const size = side * side * 4;
  const bitsAt = 8 + size;
  const entries = [
    [256, LONG, 1, side],
    [257, LONG, 1, side],
    [258, SHORT, 4, bitsAt],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, 5], // separated
    [273, LONG, 1, 8],
    [277, SHORT, 1, 4],
    [278, LONG, 1, side],
    [279, LONG, 1, size],
    [284, SHORT, 1, 1],
    [332, SHORT, 1, 1], // the inks are CMYK
  ];
  const directory = bitsAt + 8;
  const out = Buffer.alloc(directory + 2 + entries.length * 12 + 4);
  out.write("II*\0", 0, "latin1");
  out.writeUInt32LE(directory, 4);
  for (let i = 0; i < size; i++) out[8 + i] = ink[i % 4]!;
  for (let i = 0; i < 4; i++) out.writeUInt16LE(8, bitsAt + 2 * i);
  out.writeUInt16LE(entries.length, directory);
  entries.forEach(([tag, type, count, value], i) => {
    const at = directory + 2 + i * 12;
    out.writeUInt16LE(tag!, at);
    out.writeUInt16LE(type!, at + 2);
    out.writeUInt32LE(count!, at + 4);
    if (type === SHORT && count === 1) out.writeUInt16LE(value!, at + 8);
    else out.writeUInt32LE(value!, at + 8);
  });
  return out;
}
