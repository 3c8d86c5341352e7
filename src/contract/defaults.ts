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
  twins: 0,
  controls: "none",
  fitFraction: 0.6,
  batchSize: 4,
  shardSize: 8,
  seed: 0,
  out: "samesight-out",
} as const;

/** Fewest images a study accepts on each side of the split. */
export const FEWEST_IMAGES = { fit: 4, test: 4 } as const;
