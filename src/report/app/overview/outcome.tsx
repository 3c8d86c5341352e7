import type { JSX } from "preact";
import type { Finding } from "../../../contract/trust.js";
import type { Outcome as Drawn } from "../../render/outcome.js";
import { outcomeFigure } from "../../render/outcome.js";
import { manifest, names, shortName, trained } from "../model.js";
import { Details } from "../parts/details.js";
import { FigureBox } from "../parts/figure.js";
import { Sentence } from "../parts/words.js";
import { Findings } from "./findings.js";

/** The two questions of the method, each answered in a line and in a figure; the sentences with every number are folded below. */
export function Outcome(): JSX.Element | null {
  if (manifest.run.findings.length === 0) return null;
  return (
    <section aria-labelledby="outcome-title">
      <h2 id="outcome-title">Outcome</h2>
      <div class="panels">
        <Answer kind="shared-concepts" />
        <Answer kind="depth-agreement" />
      </div>
      <Details title="In words, with every number">
        <Findings />
      </Details>
    </section>
  );
}

const ASKED = {
  "shared-concepts": {
    question: "Do they hold the same concepts?",
    axis: "concepts with a partner in the other network",
    chance: "photographs permuted",
    value: "share_with_partner",
    tested: ["share_with_partner"],
    percent: true,
    more: "more than random networks",
    less: "random networks share as much",
  },
  "depth-agreement": {
    question: "At the same depth?",
    axis: "agreement in depth (partial Mantel correlation, size of maps removed)",
    chance: "layers permuted",
    value: "partial_mantel",
    tested: ["partial_mantel", "mean_distance"],
    percent: false,
    more: "more than random networks",
    less: "random networks agree as much",
  },
} as const;

type Kind = keyof typeof ASKED;

/** One question; on the page of depth too. */
export function Answer({ kind }: { kind: Kind }): JSX.Element | null {
  const asked = ASKED[kind];
  const found = manifest.run.findings.filter((f) => f.kind === kind);
  if (found.length === 0) return null;
  const outcome: Drawn = {
    title: asked.question,
    axis: asked.axis,
    chance: asked.chance,
    percent: asked.percent,
    rows: found.map((f) => {
      const own = f.values[asked.value];
      return {
        name: f.networks.map(named).join(" and "),
        value: own?.value ?? null,
        low: own?.ci_low ?? null,
        high: own?.ci_high ?? null,
        chance: own?.null_mean ?? null,
        mixed: f.values[`${asked.value}_TR`]?.value ?? null,
        random: f.values[`${asked.value}_RR`]?.value ?? null,
        holds: f.holds,
        verdict: verdict(f, kind),
      };
    }),
  };
  return (
    <div class="panel">
      <h3>{asked.question}</h3>
      <p>
        <Sentence>{answer(found, kind)}</Sentence>
      </p>
      <FigureBox
        name={asked.question}
        most={760}
        deps={[]}
        draw={(width, theme) => outcomeFigure(outcome, width, theme)}
      />
    </div>
  );
}

function named(id: string): string {
  const network = trained.find((n) => names[n] === id);
  return network === undefined ? id : shortName(network, 40);
}

const against = (f: Finding, kind: Kind) => (f.values[`${ASKED[kind].value}_RR`]?.value ?? null) !== null;

function verdict(f: Finding, kind: Kind): string {
  if (f.holds === null) return "beyond chance";
  if (f.holds) return ASKED[kind].more;
  const beyond = ASKED[kind].tested.every((quantity) => (f.values[quantity]?.p_value ?? 1) <= 0.05);
  return beyond && against(f, kind) ? ASKED[kind].less : "no more than chance";
}

function answer(found: readonly Finding[], kind: Kind): string {
  const held = found.some((f) => against(f, kind));
  const yes = found.filter((f) => f.holds !== false).length;
  const among = found.length === 1 ? "" : ` for ${yes} of ${found.length} pairs of networks`;
  if (yes === 0) return held ? "Not beyond what random networks give." : "Not beyond chance.";
  const start =
    yes === found.length ? (found.length === 1 ? "Yes" : "Yes, for every pair of networks") : `Partly:${among}`;
  return held
    ? `${start}, beyond what chance and random networks give.`
    : `${start}, beyond chance. Whether random networks do so too was not asked: --twins 1 asks it.`;
}
