import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../src/cli/explain.js";
import type { RunOutcome } from "../../src/node/run.js";
import { runToFolder } from "../../src/node/run.js";
import { discs, emptyFolder, networks } from "../e2e/support.js";

/** Names that try to be more than names. */
export const HOSTILE = {
  markup: "<img src=x onerror=alert(1)>",
  rightToLeft: "\u05d0\u05d1\u05d2 \u202e evil \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
  long: `a${"very-long-name-".repeat(20)}z`.slice(0, 300),
  emoji: "\u{1f9a9}\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u5206\u6790",
} as const;

export interface Fixture extends RunOutcome {
  readonly photographs: string;
  readonly networks: ReturnType<typeof networks>;
}

/** A real study of four small networks with hostile names on pictures made in code, run once. */
export async function study(): Promise<Fixture> {
  const nets = networks();
  const photographs = join(emptyFolder("pictures"), "p");
  mkdirSync(photographs);
  for (let i = 0; i < 24; i++) {
    const name =
      i === 0 ? '<b>bold & "quoted"</b>.png'.replaceAll("/", "_") : i === 1 ? `${HOSTILE.emoji}.png` : `p${i}.png`;
    await discs(`disc ${i}`, i % 3 === 0 ? 48 : 72, 56)
      .png()
      .toFile(join(photographs, name));
  }
  const config = parseConfig({
    title: `A study of ${HOSTILE.markup}`,
    networks: [
      { id: HOSTILE.markup, source: nets.residual, layers: ["auto:4"] },
      { id: HOSTILE.rightToLeft, source: nets.inverted, layers: ["auto:4"] },
      { id: HOSTILE.long, source: nets.residual, layers: ["auto:3"] },
    ],
    images: photographs,
    concepts: { k: 4, refits: 2 },
    similarity: { permutations: 20, bootstrap: 40 },
  });
  const outcome = await runToFolder(config, {
    out: join(emptyFolder("report"), "run"),
    cacheDir: emptyFolder("cache"),
  });
  return { ...outcome, photographs, networks: nets };
}
