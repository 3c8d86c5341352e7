import { layerFromFile, layerToFile } from "../concepts/artifact.js";
import { conceptMethods } from "../concepts/methods.js";
import type { MinedLayer } from "../concepts/mine.js";
import { mine } from "../concepts/mine.js";
import { isSamesightError, placed } from "../errors.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { rowsOf } from "./rows.js";
import { layerSeed } from "./seed.js";

/** Concepts of one tap: fitted, and fitted again on resampled images. Of a dead layer, zero on all sampled pixels or on those of a refit, nothing is kept. */
export async function concepts(
  context: Context,
  { network, tap }: { network: number; tap: number },
): Promise<{ readonly dead: boolean }> {
  const { study, plan, store, engine } = context;
  const key = plan.keys.concepts(network, tap);
  if (await store.has(key)) return { dead: false };
  const { id, taps } = study.networks[network]!;
  const settings = study.config.concepts;
  const options = {
    ...settings,
    method: conceptMethods[settings.method],
    seed: layerSeed(study.config.seed, taps[tap]!),
  };
  const mined = await mine(await rowsOf(context, network, tap), options, engine).catch((error: unknown) => {
    if (isSamesightError(error) && error.details.dead) return undefined;
    throw placed(error, `${id}, layer '${taps[tap]!.name}'`);
  });
  if (!mined) return { dead: true };
  await store.put(key, layerToFile(mined));
  return { dead: false };
}

export async function conceptsOf(context: Context, network: number, tap: number): Promise<MinedLayer> {
  const make = () => concepts(context, { network, tap });
  return layerFromFile(await loaded(context, context.plan.keys.concepts(network, tap), make));
}
