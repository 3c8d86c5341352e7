/** What needs Node: files, onnxruntime, the store, whole runs. */
export { createEngine } from "./engine.js";
export type { EnvironmentOptions } from "./environment.js";
export { createEnvironment } from "./environment.js";
export type { ImageList, SkippedImage } from "./images.js";
export { decodePicture, listImages } from "./images.js";
export type { LabelOptions } from "./labels/open.js";
export { openLabels } from "./labels/open.js";
export { openNetwork, prepareNetwork, readPreprocessing } from "./network.js";
export { rewriteReport } from "./report.js";
export type { RunOptions, RunOutcome } from "./run.js";
export { runToFolder } from "./run.js";
export { openStore } from "./store.js";
export { ZOO } from "./zoo/catalogue.js";
export { loadTfjsModel, loadZooNetwork } from "./zoo/load.js";
