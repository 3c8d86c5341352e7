import type { Forward, SampledForward } from "../activations/forward.js";
import { forwardOf, sampledForwardOf } from "../activations/forward.js";
import type { TensorFile } from "../contract/safetensors.js";
import { SamesightError } from "../errors.js";
import { withSampledRows } from "../model/rows.js";
import type { Engine, Kernel } from "../numerics/engine.js";
import type { Outside, Study } from "../study.js";
import type { Plan } from "./plan.js";
import { CODE_VERSION, planOf } from "./plan.js";

/** What every step works with, in the main thread and in workers alike. */
export interface Context extends Outside {
  readonly study: Study;
  readonly plan: Plan;
  /** A network ready to run; one session each, made when first asked for and used until `rest` or until the network is asked for in its other form. */
  session(network: number): Promise<Forward>;
  /** A network ready to give sampled cells of its taps. */
  sampling(network: number): Promise<SampledForward>;
  /** Lets go of all sessions. */
  rest(): Promise<void>;
}

export function openContext(study: Study, outside: Outside): Context {
  const whole = sessionsOf(outside.engine, (network) => {
    const { tapped, inputName, taps } = study.networks[network]!;
    return { model: tapped, bind: (kernel) => forwardOf(kernel, inputName, taps) };
  });
  const sampled = sessionsOf(outside.engine, (network) => {
    const { tapped, inputName, taps } = study.networks[network]!;
    const { bytes, ...names } = withSampledRows(tapped, taps);
    return { model: bytes, bind: (kernel) => sampledForwardOf(kernel, inputName, taps, names) };
  });
  let plan: Plan | undefined;
  return {
    engine: outside.engine,
    store: outside.store,
    decode: outside.decode,
    hash: outside.hash,
    ...(outside.activationBytes === undefined ? {} : { activationBytes: outside.activationBytes }),
    study,
    get plan() {
      plan ??= planOf(study, outside.hash);
      return plan;
    },
    async session(network) {
      await sampled.release(network);
      return whole.open(network);
    },
    async sampling(network) {
      await whole.release(network);
      return sampled.open(network);
    },
    async rest() {
      for (const network of study.networks.keys()) {
        await whole.release(network);
        await sampled.release(network);
      }
    },
  };
}

interface Bound<F> {
  readonly model: Uint8Array;
  readonly bind: (kernel: Kernel) => F;
}

/** Sessions by network, each made when first asked for. */
function sessionsOf<F>(engine: Engine, of: (network: number) => Bound<F>) {
  const kept = new Map<number, Promise<{ kernel: Kernel; forward: F }>>();
  return {
    async open(network: number): Promise<F> {
      let made = kept.get(network);
      if (!made) {
        const { model, bind } = of(network);
        made = engine.compile(model).then((kernel) => ({ kernel, forward: bind(kernel) }));
        kept.set(network, made);
      }
      return (await made).forward;
    },
    async release(network: number): Promise<void> {
      const made = kept.get(network);
      kept.delete(network);
      await (await made)?.kernel.release();
    },
  };
}

/** A key from everything that determines a result. */
export function keyOf({ hash }: Pick<Outside, "hash">, ...parts: readonly unknown[]): string {
  return hash(JSON.stringify([CODE_VERSION, ...parts]));
}

/** An artifact, or some of its tensors; made first when the store has it not (never had, lost, or found damaged). */
export async function loaded(
  { store }: Pick<Outside, "store">,
  key: string,
  make: () => Promise<unknown>,
  names?: readonly string[],
): Promise<TensorFile> {
  const known = await store.get(key, names);
  if (known) return known;
  await make();
  const file = await store.get(key, names);
  if (!file) {
    throw new SamesightError("exhausted", "the artifact store loses what is written to it", {
      hint: "Give it more room (--cache-limit) or another folder (--cache).",
    });
  }
  return file;
}
