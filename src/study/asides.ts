import type { Context } from "./context.js";
import { controlsOf } from "./controls.js";
import { positionsOf } from "./position.js";
import { randomDirectionsOf } from "./random.js";

/** What stands beside the pairs and needs none of them: each leaves its artifact in the store. */
const MAKERS = { directions: randomDirectionsOf, controls: controlsOf, positions: positionsOf };

export type Aside = keyof typeof MAKERS;
/** The longest first. */
export const ASIDES = Object.keys(MAKERS) as readonly Aside[];

export async function asides(context: Context, { aside }: { aside: Aside }): Promise<void> {
  await MAKERS[aside](context);
}
