/** The suggestion behind every "did you mean". */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "../../src/numerics/nearest.js";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["relu", "", 4],
    ["kitten", "sitting", 3],
    ["cnov", "conv", 1], // neighbours swapped
    ["ca", "abc", 3], // optimal string alignment, not the unrestricted distance of 2
  ])("%s -> %s: %i", (a, b, d) => expect(editDistance(a, b)).toBe(d));
  it("is symmetric, zero only for the same, and between the difference of lengths and the longer", () => {
    const word = fc.string({ maxLength: 12, unit: fc.constantFrom("a", "b", "c") });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const d = editDistance(a, b);
        expect(d).toBe(editDistance(b, a));
        expect(d === 0).toBe(a === b);
        expect(d).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(d).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe("nearestName", () => {
  const names = ["layer1/relu", "layer2/relu", "layer2/conv", "head"];
  it("finds what was meant", () => {
    expect(nearestName("layer2/rleu", names)).toBe("layer2/relu");
    expect(nearestName("HEAD", names)).toBe("head");
    expect(nearestName("haed", names)).toBe("head");
  });
  it("offers nothing where nothing is near", () => {
    expect(nearestName("completely-different", names)).toBeUndefined();
    expect(nearestName("x", [])).toBeUndefined();
  });
  it("bears a hostile length", () => {
    expect(nearestName("a".repeat(1_000_000), ["b".repeat(1_000_000), "head"])).toBeUndefined();
  });
});
