import { SamesightError } from "../errors.js";
import { withTaps } from "../model/taps.js";
import type { Study } from "../study.js";
import type { Run } from "./executor.js";

/**
 * The study as it was asked for, without the layers in which mining found nothing (they are zero on the images to fit or on those of a refit, in the network or in its shuffled twin); undefined
 * where all are alive. `mined`: a result a layer of the run. Throws SamesightError `invalid` where no layer of a network is left.
 */
export function withoutDead(
  asked: Study,
  { study, context }: Pick<Run, "study" | "context">,
  mined: readonly { readonly dead: boolean }[],
): Study | undefined {
  const found = context.plan.layers.flatMap(({ network, tap }, l) => {
    const { id, twin } = study.networks[network]!;
    return mined[l]!.dead ? [{ network: twin?.of ?? id, layer: tap.name }] : [];
  });
  if (found.length === 0) return undefined;
  // a network and its twins are one entry
  const dead = [...new Map(found.map((d) => [JSON.stringify(d), d])).values()];
  const networks = asked.networks.map((network) => {
    const taps = network.taps.filter(({ name }) => !dead.some((d) => d.network === network.id && d.layer === name));
    if (taps.length === network.taps.length) return network;
    if (taps.length === 0)
      throw new SamesightError("invalid", `${network.id}: ${everyOf(network.taps)} zero on all images to fit`, {
        hint: "Choose another layer; where none has values, look at what the network sees: samesight inspect NETWORK --preview FILE --images DIR.",
      });
    const names = taps.map((t) => t.name);
    return { ...network, taps, tapped: withTaps(network.tapped, names) };
  });
  return { ...asked, networks, leftOut: [...(asked.leftOut ?? []), ...dead] };
}

function everyOf(taps: readonly { readonly name: string }[]): string {
  return taps.length === 1 ? `layer '${taps[0]!.name}', its only one, is` : `all ${taps.length} layers are`;
}
