/** Preprocessing as the ecosystem writes it down. Expected values follow from each writer's own code, named at each test. */
import { describe, expect, test } from "vitest";
import type { PreprocessingInput } from "../../../src/contract/preprocessing.js";
import { preprocessingSchema } from "../../../src/contract/preprocessing.js";
import { placement } from "../../../src/dataset/geometry.js";
import { preprocess } from "../../../src/dataset/preprocess.js";
import { guessed } from "../../../src/model/preprocessing/found.js";
import { fromHuggingFace, isHuggingFace } from "../../../src/model/preprocessing/huggingface.js";
import { fromMetadata } from "../../../src/model/preprocessing/metadata.js";
import { classNames } from "../../../src/model/preprocessing/ultralytics.js";
import type { InputInfo } from "../../../src/model/types.js";
import { flat } from "../../dataset/support.js";

const input = (height: number, width: number, rest: Partial<InputInfo> = {}): InputInfo => ({
  name: "images",
  type: "float32",
  layout: "NCHW",
  shape: [1, 3, height, width],
  ...rest,
});
const whole = (p: PreprocessingInput) => preprocessingSchema.parse(p);

describe("Ultralytics metadata", () => {
  // engine/exporter.py: metadata = {description, author, date, version, license, docs, stride, task, batch, imgsz, names, args}, each str(value)
  const yolo = {
    description: "Ultralytics YOLOv8n model trained on coco.yaml",
    author: "Ultralytics",
    stride: "32",
    task: "detect",
    batch: "1",
    imgsz: "[480, 640]",
    names: "{0: 'person', 1: \"child's toy\", 2: 'traffic light'}",
  };
  test("a detector is letterboxed in grey 114, RGB / 255, without antialiasing (data/augment.py LetterBox, cv2.INTER_LINEAR)", () => {
    const found = fromMetadata(yolo, input(480, 640), "net")!;
    expect(found.origin).toBe("ultralytics");
    expect(found.notes).toEqual([]);
    expect(found.preprocessing).toEqual(
      whole({ width: 640, height: 480, resize: "letterbox", padColor: [114, 114, 114], antialias: false }),
    );
    const { input: tensor } = preprocess([flat(640, 240, [255, 0, 51])], found.preprocessing);
    const value = (c: number, y: number) => (tensor.data as Float32Array)[(c * 480 + y) * 640];
    expect([0, 1, 2].map((c) => value(c, 240))).toEqual([1, 0, Math.fround(51 / 255)]);
    expect(value(0, 0)).toBeCloseTo(114 / 255, 6);
  });
  test("imgsz gives the size where the graph leaves it free (dynamic=True)", () => {
    const found = fromMetadata(yolo, input(-1, -1), "net")!;
    expect([found.preprocessing.height, found.preprocessing.width]).toEqual([480, 640]);
  });
  test("YOLOv5 wrote stride and names only", () => {
    const found = fromMetadata({ stride: "32", names: "{0: 'a'}" }, input(320, 320), "net")!;
    expect(found.preprocessing).toMatchObject({ resize: "letterbox", width: 320, scale: 1 / 255 });
  });
  test("a classifier resizes the shorter side and cuts the centre (data/augment.py classify_transforms)", () => {
    const found = fromMetadata({ ...yolo, task: "classify", imgsz: "[224, 224]" }, input(224, 224), "net")!;
    expect(found.preprocessing).toEqual(whole({ width: 224, height: 224, resize: "crop" }));
  });
  test("a size that contradicts the graph is refused", () => {
    expect(() => fromMetadata(yolo, input(640, 640), "yolo.onnx")).toThrow(
      /^yolo.onnx: its Ultralytics metadata \(imgsz\) says a height of 480, but the network takes 640$/,
    );
  });
  test("class names are read from Python's text", () => {
    expect(classNames(yolo)).toEqual(["person", "child's toy", "traffic light"]);
    expect(classNames({ names: "['a', 'b']" })).toEqual(["a", "b"]);
    expect(classNames({})).toEqual([]);
  });
  test("metadata of others say nothing", () => {
    expect(fromMetadata({ stride: "32" }, input(8, 8), "net")).toBeUndefined();
    expect(fromMetadata({}, input(8, 8), "net")).toBeUndefined();
  });
});

describe("ONNX image metadata (onnx.ai/onnx/repo-docs/MetadataProps.html)", () => {
  const values = (range: string, format = "Rgb8") => {
    const found = fromMetadata(
      { "Image.BitmapPixelFormat": format, "image.nominalpixelrange": range },
      input(1, 1),
      "net",
    )!;
    return [...preprocess([flat(1, 1, [255, 0, 51])], found.preprocessing).input.data];
  };
  test("pixel range and channel order decide the values; keys and values in any case", () => {
    expect(values("NominalRange_0_255")).toEqual([255, 0, 51]);
    expect(values("nominalrange_0_255", "BGR8")).toEqual([51, 0, 255]);
    expect(values("Normalized_0_1").map((v) => Math.round(v * 255))).toEqual([255, 0, 51]);
    expect(values("NORMALIZED_1_1")[0]).toBeCloseTo(1, 6);
    expect(values("Normalized_1_1")[1]).toBeCloseTo(-1, 6);
    expect(values("NominalRange_16_235").map(Math.round)).toEqual([235, 16, 60]);
  });
  test("says that resizing is not known", () => {
    expect(fromMetadata({ "Image.BitmapPixelFormat": "Rgb8" }, input(4, 4), "net")!.notes[0]).toMatch(/resized/);
  });
});

describe("Hugging Face preprocessor_config.json", () => {
  const imagenet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
  const read = (json: Record<string, unknown>, info = input(224, 224)) =>
    fromHuggingFace(json, info, "net", "preprocessor_config.json");
  test("a ViT stretches (image_processing_vit.py)", () => {
    const vit = {
      do_resize: true,
      size: { height: 224, width: 224 },
      resample: 2,
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    };
    expect(isHuggingFace(vit)).toBe(true);
    expect(read(vit).preprocessing).toEqual(
      whole({ width: 224, height: 224, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }),
    );
  });
  test("CLIP resizes the shorter edge to 224 by bicubic and cuts 224 (image_processing_clip.py)", () => {
    const clip = {
      crop_size: { height: 224, width: 224 },
      do_center_crop: true,
      do_resize: true,
      size: { shortest_edge: 224 },
      resample: 3,
      do_normalize: true,
      ...imagenet,
    };
    const p = read(clip).preprocessing;
    expect(p).toMatchObject({
      resize: "crop",
      cropFraction: 1,
      resample: "bicubic",
      antialias: true,
      mean: imagenet.image_mean,
    });
    expect(placement(p, 640, 480)).toEqual({ width: 298, height: 224, left: -37, top: 0 });
  });
  test("MobileNetV2: shorter edge 256, centre 224", () => {
    const p = read({
      do_resize: true,
      size: { shortest_edge: 256 },
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
      resample: 2,
      ...imagenet,
    }).preprocessing;
    expect(placement(p, 512, 512)).toEqual({ width: 256, height: 256, left: -16, top: -16 });
  });
  test("ConvNeXt below 384: shorter edge 224 / 0.875, centre 224; at 384 stretched (image_processing_convnext.py)", () => {
    const p = read({ size: { shortest_edge: 224 }, crop_pct: 0.875, resample: 3, ...imagenet }).preprocessing;
    expect(placement(p, 512, 512)).toEqual({ width: 256, height: 256, left: -16, top: -16 });
    const large = read(
      { size: { shortest_edge: 384 }, crop_pct: 0.875, resample: 3, ...imagenet },
      input(384, 384),
    ).preprocessing;
    expect(large.resize).toBe("stretch");
  });
  test("MobileViT flips the channels and does not normalise", () => {
    const p = read(
      {
        do_resize: true,
        size: { shortest_edge: 288 },
        do_center_crop: true,
        crop_size: { height: 256, width: 256 },
        do_flip_channel_order: true,
        do_rescale: true,
        resample: 2,
      },
      input(256, 256),
    ).preprocessing;
    expect(p).toMatchObject({ channels: "BGR", mean: [0, 0, 0], std: [1, 1, 1] });
  });
  test("EfficientNet's rescale_offset subtracts one (image_processing_efficientnet.py)", () => {
    const p = read(
      {
        size: { height: 4, width: 4 },
        rescale_factor: 1 / 127.5,
        rescale_offset: true,
        resample: 0,
        do_normalize: false,
      },
      input(4, 4),
    ).preprocessing;
    const { data } = preprocess([flat(4, 4, [255, 0, 255])], p).input;
    expect(data[0]).toBeCloseTo(1, 6);
    expect(data[16]).toBeCloseTo(-1, 6);
  });
  test("DETR keeps the aspect ratio and pads with zeros after normalising", () => {
    const found = read(
      { do_resize: true, size: { shortest_edge: 800, longest_edge: 1333 }, do_pad: true, resample: 2, ...imagenet },
      input(80, 120),
    );
    expect(found.preprocessing).toMatchObject({ resize: "letterbox", anchor: "top-left" });
    expect(found.notes).toHaveLength(1);
    const { data } = preprocess([flat(40, 40, [200, 200, 200])], found.preprocessing).input;
    expect(data[119]).toBeCloseTo(0, 5); // right of the picture
  });
  test("old files: a number with a crop is the shorter edge, without one both sides", () => {
    expect(
      read({ do_resize: true, size: 256, do_center_crop: true, crop_size: 224, resample: 2 }).preprocessing
        .cropFraction,
    ).toBe(0.875);
    expect(read({ do_resize: true, size: 224, resample: 2 }).preprocessing.resize).toBe("stretch");
  });
  test("what cannot be followed is said or refused", () => {
    expect(read({ size: { height: 224, width: 224 }, resample: 1 }).notes).toEqual([expect.stringMatching(/lanczos/)]);
    expect(() => read({ size: { height: 256, width: 256 }, do_center_crop: true, crop_size: 224 })).toThrow(
      /stretches the image and then cuts/,
    );
    expect(() => read({ do_resize: true, size: {} })).toThrow(/has no size/);
    expect(() => read({ size: { height: 300, width: 300 } })).toThrow(/says a width of 300, but the network takes 224/);
  });
});

describe("a guess", () => {
  test("is RGB in 0..1, stretched; bytes as they are; NHWC and half precision from the graph", () => {
    expect(guessed(input(8, 4), "net").preprocessing).toEqual(whole({ width: 4, height: 8 }));
    expect(guessed(input(8, 4, { type: "uint8" }), "net").preprocessing).toMatchObject({ scale: 1, type: "uint8" });
    const nhwc = guessed(input(0, 0, { layout: "NHWC", shape: [1, 8, 4, 3], type: "float16" }), "net").preprocessing;
    expect(nhwc).toMatchObject({ layout: "NHWC", type: "float16", width: 4, height: 8 });
  });
  test("needs a size", () => {
    expect(() => guessed(input(-1, -1), "net")).toThrow(/its input size is free/);
  });
});
