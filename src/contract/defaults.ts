/** Every default of a study, in one place: CLI help, JSON Schema, docs and report read it from here. */
export const DEFAULTS = {
  layers: "auto:6",
  method: "nmf",
  k: 10,
  rows: 20_000,
  negative: "clip",
  tolerance: 1e-4,
  maxIterations: 400,
  refits: 3,
  studyGrid: 56,
  density: 0.1,
  permutations: 50,
  bootstrap: 200,
  // one twin a network takes 2.1 times the CPU (two detectors, six taps, 30 photographs); without, findings say what they were not held against
  twins: 0,
  // some 10 ms a pair of layers together; procrustes takes as much alone, lasso_regression and linear_predictivity up to a second; replacement runs networks on, minutes
  controls: ["cka", "rsa", "mutual_knn"],
  fitFraction: 0.6,
  batchSize: 4,
  activationBytes: 4_000_000_000,
  cacheBytes: 20_000_000_000,
  workers: 2,
  seed: 0,
  out: "samesight-out",
  checkOut: "samesight-check",
  minSimilarity: 0.8,
  probes: {
    method: "logistic",
    lambda: 1e-3,
    rows: 120_000,
    refits: 5,
    grid: 128,
    filterQuantile: "base-rate",
    shuffled: true,
    sampleSize: false,
    locations: false,
    backgrounds: 0,
  },
  labels: { crowd: "ignore", boxes: "ellipse", missing: "skip", orientation: "auto", strict: false },
} as const;

/** Fewest images a study accepts on each side of the split. */
export const FEWEST_IMAGES = { fit: 4, test: 4 } as const;

/**
 * What a named concept needs: images that hold it among those to fit and those to test, and images to fit that are without it. A mask below `areaShare` of the image, or
 * below one cell of a layer's grid, is too small to teach that layer (METHOD.md 1.2.3).
 */
export const CONCEPT_NEEDS = { fit: 10, test: 3, negatives: 1, areaShare: 0.005 } as const;
