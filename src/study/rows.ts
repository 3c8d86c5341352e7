import type { SampledRows } from "../activations/rows.js";
import { rowSampler, stackRows } from "../activations/rows.js";
import type { TensorFile } from "../contract/safetensors.js";
import { samplePositions } from "../dataset/positions.js";
import { seededRandom } from "../numerics/random.js";
import type { Context } from "./context.js";
import { loaded } from "./context.js";
import { look } from "./look.js";
import { layerSeed } from "./seed.js";

/** Rows of every tap, sampled from one shard of the images to fit: r x c, and how many each image gave. */
export async function rows(context: Context, { networks, shard }: { networks: readonly number[]; shard: number }) {
  const { study, plan, store } = context;
  const images = plan.fitShards[shard]!;
  const todo: number[] = [];
  for (const n of networks) if (!(await store.has(plan.keys.rows(n, shard)))) todo.push(n);
  const samplers = new Map(todo.map((n) => [n, rowSampler(study.networks[n]!.taps)]));
  for await (const { network, image, geometry, activations } of look(context, todo, images)) {
    samplers
      .get(network)!
      .add(activations, (tap, t) =>
        samplePositions(
          tap.height,
          tap.width,
          plan.rowsPerImage[network]![t]!,
          geometry,
          seededRandom("rows", image.hash, layerSeed(study.config.seed, tap)),
        ),
      );
  }
  for (const [n, sampler] of samplers) await store.put(plan.keys.rows(n, shard), toFile(sampler.result()));
}

/** The whole sample of one tap, images in order. */
export async function rowsOf(context: Context, network: number, tap: number): Promise<SampledRows> {
  const { plan } = context;
  const parts: SampledRows[] = [];
  for (const shard of plan.fitShards.keys()) {
    const { tensors } = await loaded(
      context,
      plan.keys.rows(network, shard),
      () => rows(context, { networks: [network], shard }),
      [`rows/${tap}`, `count/${tap}`],
    );
    const { data, dims } = tensors[`rows/${tap}`]!;
    parts.push({
      rows: { data: data as Float32Array, rows: dims[0]!, cols: dims[1]! },
      perImage: tensors[`count/${tap}`]!.data as Int32Array,
    });
  }
  return stackRows(parts);
}

function toFile(samples: readonly SampledRows[]): TensorFile {
  const tensors = samples.flatMap(({ rows: v, perImage }, t) => [
    [`rows/${t}`, { type: "float32" as const, dims: [v.rows, v.cols], data: v.data }] as const,
    [`count/${t}`, { type: "int32" as const, dims: [perImage.length], data: perImage }] as const,
  ]);
  return { tensors: Object.fromEntries(tensors), metadata: { kind: "rows" } };
}
