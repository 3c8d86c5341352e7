import { cka } from "./cka.js";
import { mutualKnn } from "./knn.js";
import { matching } from "./matching.js";
import type { Measure } from "./measure.js";
import { predictivity } from "./predictivity.js";
import { procrustes } from "./procrustes.js";
import { pwcca } from "./pwcca.js";
import { rdx } from "./rdx.js";
import { regression } from "./regression.js";
import { rsa } from "./rsa.js";
import { svcca } from "./svcca.js";

/** Every control by its id: kernel, alignment, canonical correlation, distances, neighbours, single features, prediction, difference. */
export const CONTROLS: ReadonlyMap<string, Measure> = new Map(
  [cka, procrustes, svcca, pwcca, rsa, mutualKnn, matching, regression, predictivity, rdx].map((m) => [
    m.id,
    m as Measure,
  ]),
);
