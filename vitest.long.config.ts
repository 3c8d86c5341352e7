import { defineConfig } from "vitest/config";

/** Checks too long for every run of the tests: npm run check:detectors and its like. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    reporters: ["default", "./test/reporter.ts"],
  },
});
