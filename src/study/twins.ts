import { batches } from "../dataset/batches.js";
import type { TwinHealth } from "../model/recalibrate.js";
import { recalibratedTwin } from "../model/twin.js";
import { seededRandom } from "../numerics/random.js";
import type { Environment, Study, StudyNetwork } from "../study.js";
import { keyOf, loaded } from "./context.js";
import { interrupted } from "./executor.js";

/** Photographs on which a twin's channels are brought back to their trained mean and standard deviation (METHOD.md M3). */
const PHOTOGRAPHS = 8;

/**
 * `config.twins` shuffled twins of each network (METHOD.md M3): the same graph, names, taps and preprocessing, with the values of each weight tensor
 * permuted and channels recalibrated. They go through the same pipeline as any network of the study. Made once and kept in the store.
 * Throws SamesightError `unsupported` for networks whose weights cannot be shuffled (integer convolutions).
 */
export async function shuffledTwins(study: Study, env: Environment): Promise<StudyNetwork[]> {
  const { config, networks, fit } = study;
  const count = Math.min(PHOTOGRAPHS, fit.length);
  const photographs = Array.from({ length: count }, (_, i) => fit[Math.floor((i * fit.length) / count)]!);
  const out: StudyNetwork[] = [];
  const total = config.twins * networks.length;
  for (const network of networks) {
    for (let i = 1; i <= config.twins; i++) {
      const key = keyOf(
        env,
        "twin",
        network.sha256,
        network.taps.map((t) => t.name),
        network.preprocessing,
        config.seed,
        i,
        photographs.map((p) => p.hash),
      );
      const file = await loaded(env, key, async () => {
        if (env.stopped()) throw interrupted();
        const inputs = [];
        for await (const { input } of batches(photographs, 1, network.preprocessing, env.decode)) inputs.push(input);
        const forward = { engine: env.engine, inputName: network.inputName, inputs };
        const random = seededRandom(config.seed, "twin", network.sha256, i);
        const { model, health } = await recalibratedTwin(network.tapped, forward, random);
        await env.store.put(key, {
          tensors: { model: { type: "uint8" as const, dims: [model.length], data: model } },
          metadata: { kind: "twins", health: JSON.stringify(health) },
        });
      });
      const health = JSON.parse(file.metadata.health!) as TwinHealth;
      const id = `${network.id}~shuffled-${i}`;
      const tapped = file.tensors.model!.data as Uint8Array;
      out.push({ ...network, id, title: id, sha256: key, tapped, twin: { of: network.id, seed: i, health } });
      env.progress({ stage: "twins", what: network.id, done: out.length, total });
    }
  }
  return out;
}
