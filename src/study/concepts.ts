import { layerFromFile, layerToFile } from "../concepts/artifact.js";
import { conceptMethods } from "../concepts/methods.js";
import type { MinedLayer } from "../concepts/mine.js";
import { mine } from "../concepts/mine.js";
import { placed } from "../errors.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { rowsOf } from "./rows.js";
import { layerSeed } from "./seed.js";

/** Concepts of one tap: fitted, and fitted again on resampled images. */
export async function concepts(context: Context, { network, tap }: { network: number; tap: number }) {
  const { study, plan, store, engine } = context;
  const key = plan.keys.concepts(network, tap);
  if (await store.has(key)) return;
  const { id, taps } = study.networks[network]!;
  const settings = study.config.concepts;
  const options = {
    ...settings,
    method: conceptMethods[settings.method],
    seed: layerSeed(study.config.seed, taps[tap]!),
  };
  const mined = await mine(await rowsOf(context, network, tap), options, engine).catch((error: unknown) => {
    throw placed(error, `${id}, layer '${taps[tap]!.name}'`);
  });
  await store.put(key, layerToFile(mined));
}

export async function conceptsOf(context: Context, network: number, tap: number): Promise<MinedLayer> {
  const make = () => concepts(context, { network, tap });
  return layerFromFile(await loaded(context, context.plan.keys.concepts(network, tap), make));
}
