import type { JSX } from "preact";
import { alignmentFigure } from "../render/alignment.js";
import { networkColor } from "../render/color.js";
import { number } from "../render/text.js";
import { cellOf, layers, layersOf, names, ownMethod, pairsOf } from "./model.js";
import { Findings } from "./overview/findings.js";
import { Answer } from "./overview/outcome.js";
import { Details } from "./parts/details.js";
import { FigureBox } from "./parts/figure.js";
import type { State } from "./state.js";
import { useTable } from "./use.js";

/** Do similar concepts stand at similar relative depth? */
export function Depth({ state }: { state: State }): JSX.Element {
  const pairs = pairsOf(state.twins === "1").filter((p) => p.a !== p.b);
  const { value: paths } = useTable("warp");
  return (
    <section aria-labelledby="depth-title">
      <h2 id="depth-title">Do they learn it at the same depth?</h2>
      <div class="panels">
        <Answer kind="depth-agreement" />
        <div class="reading">
          <h3>How to read the figures below</h3>
          <ul class="plain">
            <li>Each mark is a layer of one network and its most similar layer in the other; larger: more alike.</li>
            <li>Round: a layer of the first network and its partner; square: a layer of the second and its partner.</li>
            <li>On the dashed diagonal both lie at the same relative depth.</li>
            <li>The band runs through the layers that match best in order of depth.</li>
          </ul>
        </div>
      </div>
      <Details title="In words, with every number">
        <Findings kinds={["depth-agreement"]} />
      </Details>
      {pairs.length === 0 ? <p>This study has one network only.</p> : null}
      <div class="panels">
        {pairs.map(({ a, b }) => (
          <div key={`${a}-${b}`} class="panel">
            <FigureBox
              name={`depth ${names[a]} ${names[b]}`}
              most={460}
              deps={[a, b, paths]}
              draw={(width, theme) =>
                alignmentFigure(
                  {
                    title: `Depth of best partners of ${names[a]} and ${names[b]}`,
                    a: { name: names[a]!, color: networkColor(a, theme) },
                    b: { name: names[b]!, color: networkColor(b, theme) },
                    points: [...partners(a, b, "a"), ...partners(b, a, "b")],
                    path: (paths ?? [])
                      .filter((r) => r.model_a === names[a] && r.model_b === names[b])
                      .map((r) => ({ depthA: r.depth_a as number, depthB: r.depth_b as number })),
                  },
                  width,
                  theme,
                )
              }
            />
          </div>
        ))}
      </div>
    </section>
  );
}

function partners(of: number, among: number, from: "a" | "b") {
  return layersOf(of).flatMap((r) => {
    const seen = layersOf(among).flatMap((c) => {
      const v = cellOf(ownMethod, r, c)?.of("similarity") ?? null;
      return v === null ? [] : [{ c, v }];
    });
    const best = seen.reduce<(typeof seen)[number] | undefined>((m, s) => (!m || s.v > m.v ? s : m), undefined);
    if (!best) return [];
    const [own, other] = [layers[r]!, layers[best.c]!];
    const [depthA, depthB] = from === "a" ? [own.depth, other.depth] : [other.depth, own.depth];
    return [
      {
        from,
        depthA,
        depthB,
        value: best.v,
        title: `${own.short} (${number(own.depth)}) is most like ${other.short} (${number(other.depth)}): S′ ${number(best.v)}`,
      },
    ];
  });
}
