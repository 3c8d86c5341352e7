import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const numerics = new URL("../../src/numerics/", import.meta.url);
const names = readdirSync(new URL("assembly/", numerics))
  .filter((f) => f.endsWith(".ts"))
  .map((f) => f.slice(0, -3));

it.each(names)("the committed bytes of kernel %s are what its source compiles to", async (name) => {
  // @ts-expect-error a script without types
  const { compileKernel } = await import("../../scripts/build-wasm.mjs");
  expect(readFileSync(new URL(`${name}.wasm.ts`, numerics), "utf8")).toBe(await compileKernel(name));
});
