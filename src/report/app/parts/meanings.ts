/** What each number on the page is, and between what it lies: said wherever the number stands. */
export interface Meaning {
  readonly what: string;
  readonly range: string;
}

const SHARE = "0 to 1";

export const GLOSSARY = {
  "similarity S′": {
    what: "How far the matched concepts of two layers mark the same places of the same photographs: overlap on the coarser of the two grids, corrected for chance, less what permuted photographs give.",
    range: "0: as by chance, 1: the same masks. A little below 0 is noise.",
  },
  "95 % interval": {
    what: "Where the similarity lies when the test photographs are drawn again and the concepts are mined again.",
    range: "An interval that holds 0 is no evidence of likeness.",
  },
  "S before the null": {
    what: "The overlap before the permuted photographs are subtracted: it still holds what maps share by position, such as borders.",
    range: SHARE,
  },
  "the null itself": {
    what: "What the same comparison gives when the photographs of one layer are permuted.",
    range: "0 to 1, usually below 0.1",
  },
  "p against the null": {
    what: "Share of the permutations that give at least this similarity.",
    range: "1 / (1 + permutations) to 1; small is strong",
  },
  "q over all cells": {
    what: "The p value corrected for the many cells of the study: share of false finds to expect among cells up to here.",
    range: "0 to 1; small is strong",
  },
  z: { what: "Distance from the null in its standard deviations: a flag only, it saturates.", range: "no upper end" },
  "raw IoU": {
    what: "Best overlap on one fine grid, uncorrected: what is usually reported. It rises where two layers merely have the same resolution.",
    range: SHARE,
  },
  "one to one": {
    what: "Overlap when every concept may have one partner only.",
    range: "0 to 1; far below S where many concepts share a partner",
  },
  "there and back": {
    what: "Overlap seen from the first layer's concepts, then from the second's. They differ where one layer holds more than the other.",
    range: SHARE,
  },
  "on the coarsest grid": {
    what: "S′ with all layers on the study's coarsest grid: what is left when no layer has a finer map than another.",
    range: "0: as by chance, 1: the same masks",
  },
  "correlation of maps": {
    what: "Mean best correlation of the maps, the mean of each position removed, less its permutation null.",
    range: "0: as by chance, 1: the same maps",
  },
  "each with its refit": {
    what: "Similarity of each layer with itself, mined again from other photographs: the most that can be hoped for in its row.",
    range: "0 to 1; below 0.2 a layer does not find its own concepts again",
  },
  "compared on": { what: "Cells of the coarser of the two maps, on which both are compared.", range: "height × width" },
  "agreement J*": {
    what: "Overlap of two concepts over all test photographs, corrected for chance.",
    range: "0: as by chance, 1: the same mask",
  },
  energy: { what: "Share of what the layer's concepts explain that this one explains.", range: "0 to 100 %" },
  stability: {
    what: "Cosine between the concept and its nearest when the layer is mined again from other photographs, the mean over refits.",
    range: "0 to 1; below 0.8 do not build on it",
  },
  "share of test pixels": {
    what: "Where the concept counts as present: above its threshold, which is set so that about this share of all test pixels is.",
    range: "0 to 100 %; less where many pixels have the same value",
  },
  explained: {
    what: "Share of the energy of the layer's activations that its concepts explain together.",
    range: "0 to 1 (all of it)",
  },
  depth: {
    what: "Operators on the longest way from the input to the layer, over those of the longest way to the end.",
    range: "0: input, 1: output",
  },
  "to the nearest head": {
    what: "The same, over the longest way to the nearest output that the layer feeds.",
    range: "0: input, 1: that output",
  },
  grid: { what: "Cells of the layer's map as compared.", range: "height × width" },
  refit: {
    what: "Similarity of the layer with itself, mined again from other photographs: the ceiling for its row.",
    range: "0 to 1",
  },
  likeness: {
    what: "Mean cosine of two photographs' vectors of the concept, the noise of fitting so few cells removed.",
    range: "1: one direction on all photographs, near 0: each photograph has its own",
  },
  spread: {
    what: "Mean cosine distance of the photographs' vectors to their mean direction.",
    range: "0: all the same, 1: no common direction",
  },
  overlap: {
    what: "Share of the concept's vectors whose nearest other vector is of another concept.",
    range: "0: none, near its chance: the layer does not tell the concept apart",
  },
  purity: {
    what: "Share of all vectors of the layer whose nearest other vector is of the same concept.",
    range: "by chance: what the numbers of photographs alone give; 1: every one",
  },
  "set IoU across halves": {
    what: "How well a vector learned on one half of a photograph finds the concept on the other half.",
    range: SHARE,
  },
  "set IoU": {
    what: "Cells that label and prediction share over cells that either has, over all photographs.",
    range: SHARE,
  },
} as const satisfies Readonly<Record<string, Meaning>>;

export type TermName = keyof typeof GLOSSARY;
