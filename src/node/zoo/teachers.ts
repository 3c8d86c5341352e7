import type { LabelsConfigInput } from "../../contract/labels.js";
import type { PackageSource } from "./catalogue.js";
import { humanModels } from "./catalogue.js";

/** Networks that label photographs where nobody did. What they draw is a guess; their name stands wherever their labels are used. */
export interface Teacher {
  readonly title: string;
  readonly licence: string;
  readonly package: PackageSource;
  /** Paths of the model.json files inside the tarball. */
  readonly detector: string;
  readonly landmarks: string;
}

/** Faces, then 468 landmarks on each; face parts are outlines between landmarks. */
export const FACE_TEACHER: Teacher = {
  title: "MediaPipe BlazeFace (long range) and FaceMesh",
  licence: "package MIT; upstream Apache-2.0",
  package: humanModels,
  detector: "package/models/blazeface.json",
  landmarks: "package/models/facemesh.json",
};

/** The demo's concepts: parts that come in pairs are one concept. */
export const FACE_LABELS: LabelsConfigInput = {
  path: "zoo:faceparts",
  concepts: ["face", "eye", "eyebrow", "nose", "mouth"],
  merge: { eye: ["left_eye", "right_eye"], eyebrow: ["left_eyebrow", "right_eyebrow"] },
  partOf: { eye: "face", eyebrow: "face" },
};
