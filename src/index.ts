/** The pure part of samesight: no files, no runtime, no clock. `samesight/node` has those. */

export type { ConceptFit, ConceptMethod, FitOptions } from "./concepts/method.js";
export { conceptMethods } from "./concepts/methods.js";
export type { NetworkConfig, StudyConfig, StudyConfigInput } from "./contract/config.js";
export { configSchema } from "./contract/config.js";
export { DEFAULTS } from "./contract/defaults.js";
export type { Preprocessing, PreprocessingInput } from "./contract/preprocessing.js";
export { preprocessingSchema } from "./contract/preprocessing.js";
export type { ConceptRow, LayerRow, PairRow, RunFile } from "./contract/results.js";
export { conceptRowSchema, layerRowSchema, pairRowSchema, runSchema, SCHEMA_VERSION } from "./contract/results.js";
export type { TensorFile } from "./contract/safetensors.js";
export { readSafetensors, writeSafetensors } from "./contract/safetensors.js";
export type { ErrorCode } from "./errors.js";
export { isSamesightError, SamesightError } from "./errors.js";
export { readModel, writeModel } from "./model/read.js";
export { selectTaps } from "./model/select.js";
export { summarize } from "./model/summarize.js";
export { withTaps } from "./model/taps.js";
export type { ImportOptions, ImportResult } from "./model/tfjs/import.js";
export { importGraphModel } from "./model/tfjs/import.js";
export type { NetworkSummary, Tap, TensorInfo } from "./model/types.js";
export type { Engine, Kernel, TensorValue } from "./numerics/engine.js";
export type { Environment, Progress, Study, StudyNetwork, StudyResult } from "./pipeline.js";
export { runStudy } from "./pipeline.js";
export type { DepthAgreement } from "./report/findings.js";
export { depthAgreements, findings } from "./report/findings.js";
export { conceptRows, layerRows, pairRows } from "./report/tables.js";
