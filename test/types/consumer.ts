// Compiled against the packed package in each mode of module resolution (scripts/check-package.sh); never run.
import type { ConceptMethod, LayerRow, Preprocessing, SamesightError, StudyConfigInput } from "samesight";
import { conceptMethods, configSchema, isSamesightError, withTaps } from "samesight";
import { createEngine as createBrowserEngine, openLiveNetwork, pictureOf } from "samesight/browser";
import type { RunOutcome } from "samesight/node";
import { createEngine, runToFolder } from "samesight/node";
import { modelBytes, node } from "samesight/onnx";

const study: StudyConfigInput = { networks: [{ source: "a.onnx" }] };
export const nmf: ConceptMethod = conceptMethods.nmf;
export const outcome: Promise<RunOutcome> = runToFolder(configSchema.parse(study), { out: "out" });
export const bytes: Uint8Array = withTaps(
  modelBytes({ nodes: [node("Relu", ["x"], ["y"])], inputs: [], outputs: ["y"] }),
  ["y"],
);
export const similarity = (row: LayerRow): number | null => row.similarity;
export const size = (p: Preprocessing): number => p.width * p.height;
export const hint = (error: unknown): string => (isSamesightError(error) ? (error as SamesightError).hint : "");
export const used = [createEngine, createBrowserEngine, openLiveNetwork, pictureOf];
// @ts-expect-error a study has networks
export const wrong: StudyConfigInput = { images: "photos" };
