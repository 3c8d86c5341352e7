import { expect, test } from "vitest";
import { BlockWriter } from "../../src/maps/blocks.js";
import { packAbove, selectImages } from "../../src/numerics/bits.js";
import { imageBlocks } from "../../src/numerics/permutation.js";
import { seededRandom } from "../../src/numerics/random.js";

test.for([1, 200, 1e9])(
  "masks written as the images come lie where their blocks have them, most %d bytes waiting",
  async (most) => {
    const [n, k, cells] = [23, 3, 140];
    const random = seededRandom("blocks");
    const scores = Float32Array.from({ length: n * k * cells }, () => random());
    const whole = packAbove(scores, n, k, [0.9, 0.5, 0.7]);
    const blocks = imageBlocks(n, 5, random);
    expect(blocks.length).toBe(5);
    const tensors = new Map(
      blocks.map((images, b) => [`m/${b}`, new Uint8Array(images.length * k * whole.stride).fill(255)]),
    );
    let writes = 0;
    const writer = new BlockWriter(
      blocks,
      n,
      async (name, from, data) => {
        tensors.get(name)!.set(data as Uint8Array, from);
        writes++;
      },
      most,
    );
    for (let first = 0; first < n; first += 4)
      await writer.add(
        "m",
        selectImages(
          whole,
          Array.from({ length: Math.min(4, n - first) }, (_, i) => first + i),
        ),
        first,
      );
    await writer.end();
    for (const [b, images] of blocks.entries()) expect(tensors.get(`m/${b}`)).toEqual(selectImages(whole, images).data);
    // ascending within a block: all that waits of it is one write
    if (most > 1e6) expect(writes).toBe(blocks.length);
  },
);
