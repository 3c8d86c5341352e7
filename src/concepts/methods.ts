import { kmeans } from "./kmeans.js";
import type { ConceptMethod } from "./method.js";
import { nmf } from "./nmf.js";
import { pca } from "./pca.js";

/** Every method that the configuration can name. A new one is one file and one line here; the contract test then runs it. */
export const conceptMethods: Readonly<Record<"nmf" | "pca" | "kmeans", ConceptMethod>> = { nmf, pca, kmeans };
