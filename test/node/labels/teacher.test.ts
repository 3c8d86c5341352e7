import { expect, test } from "vitest";
import type { LabelSet } from "../../../src/dataset/labels/types.js";
import { labelWarnings } from "../../../src/node/supervised.js";

test("whoever drew the masks stands among a run's notes", () => {
  const labels = {
    source: { path: "zoo:faceparts", format: "faceparts", teacher: "T", licence: "MIT" },
    problems: [],
    unlabelled: [],
  };
  const none = { refused: [] } as unknown as Parameters<typeof labelWarnings>[1];
  expect(labelWarnings(labels as unknown as LabelSet, none)[0]).toMatch(/drawn by T \(MIT\), not by people/);
  const byPeople = { ...labels, source: { path: "a", format: "coco" } };
  expect(labelWarnings(byPeople as unknown as LabelSet, none)).toEqual([]);
});
