import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { conceptMatrix } from "../../render/conceptmatrix.js";
import { number } from "../../render/text.js";
import { cellOf, conceptTitle, doubt, interval, layers, layerTitle, manifest, ownMethod, twins } from "../model.js";
import { Numbers } from "../parts/explained.js";
import { FigureBox } from "../parts/figure.js";
import type { TermName } from "../parts/meanings.js";
import { cellData, Legend, Pair, pairList, useApart } from "../parts/pairs.js";
import type { State } from "../state.js";
import { go } from "../state.js";
import { useBlocks } from "../use.js";

const FIRST = 12;

/** Two layers: how alike, which concepts match, and how that looks. */
export function Cell({ a, b, state }: { a: number; b: number; state: State }): JSX.Element {
  const cell = cellOf(ownMethod, a, b)!;
  const { value, error } = useBlocks([`cells/${Math.min(a, b)}`, "concepts"]);
  const [all, showAll] = useState(false);
  const [apart, apartSwitch] = useApart();
  const [la, lb] = [layers[a]!, layers[b]!];
  const care = doubt(cell.flags);
  const n = (name: Parameters<typeof cell.of>[0], digits = 2) => number(cell.of(name), digits);
  const facts: [TermName, string][] = [
    ["similarity S′", n("similarity")],
    ["95 % interval", interval(cell)],
    ["S before the null", n("pair_iou")],
    ["the null itself", n("null_mean")],
    ["p against the null", n("p_value", 3)],
    ...(cell.of("q_value") === null ? [] : [["q over all cells", n("q_value", 3)] as [TermName, string]]),
    ["raw IoU", n("raw_iou")],
    ["one to one", n("one_to_one")],
    ["there and back", `${n("forward")} · ${n("backward")}`],
    ...(cell.of("coarsest") === null ? [] : [["on the coarsest grid", n("coarsest")] as [TermName, string]]),
    ...(cell.of("pearson") === null ? [] : [["correlation of maps", n("pearson")] as [TermName, string]]),
    ["each with its refit", `${number(la.self)} · ${number(lb.self)}`],
    ["compared on", `${cell.grid.replace("x", " × ")} cells`],
  ];
  const data = value ? cellData(cell, value[0]!, value[1]!) : undefined;
  const pairs = data ? pairList(data) : [];
  const picked = /^(\d+)\.(\d+)$/.exec(state.match ?? "");
  const extra = picked ? { i: Number(picked[1]), j: Number(picked[2]) } : undefined;
  const inside = extra && data && extra.i < data.ka && extra.j < data.kb ? extra : undefined;
  return (
    <>
      <h3 class="celltitle">
        <span class="key a">
          <bdi>{layerTitle(la)}</bdi>
        </span>{" "}
        <span class="soft">depth {number(la.depth)}</span>
        <br />
        <span class="key b">
          <bdi>{layerTitle(lb)}</bdi>
        </span>{" "}
        <span class="soft">depth {number(lb.depth)}</span>
      </h3>
      {care ? <p class="care box">Take care: {care}.</p> : null}
      <Numbers of={facts} />
      {error ? <p class="problem">{error}</p> : null}
      {data ? (
        <div class="split">
          <div class="aside">
            <h4>Concepts against concepts</h4>
            <FigureBox
              name={`concepts ${la.short} ${lb.short}`}
              most={420}
              deps={[a, b, data.ka, data.kb, value]}
              chosen={inside ? String(inside.i * data.kb + inside.j) : undefined}
              draw={(width, theme) =>
                conceptMatrix(
                  {
                    title: `Agreement of the concepts of ${la.short} and ${lb.short}`,
                    rowTitle: la.short,
                    colTitle: lb.short,
                    rowNames: Array.from({ length: data.ka }, (_, i) => conceptTitle(la.first + i)),
                    colNames: Array.from({ length: data.kb }, (_, j) => conceptTitle(lb.first + j)),
                    values: Float32Array.from({ length: data.ka * data.kb }, (_, x) =>
                      data.value(Math.floor(x / data.kb), x % data.kb),
                    ),
                    mutual: new Set(
                      data.bestForA.flatMap((j, i) => (j >= 0 && data.bestForB[j] === i ? [i * data.kb + j] : [])),
                    ),
                    assigned: data.assigned,
                    high: a === b ? 1 : Math.max(0.1, ...pairs.map((p) => data.value(p.i, p.j))),
                  },
                  width,
                  theme,
                )
              }
              open={(key) => go({ match: `${Math.floor(Number(key) / data.kb)}.${Number(key) % data.kb}` })}
              caption={
                <>
                  <span class="ridge" /> each other's best; a dot: partners when each may have one only. Choose a cell
                  to see the pair.
                </>
              }
            />
          </div>
          <div class="main">
            <div class="controls">
              <h4>{inside ? "The chosen pair" : "Matched concepts"}</h4>
              {apartSwitch}
              {inside ? (
                <button type="button" class="quiet" onClick={() => go({ match: "" })}>
                  All matched pairs
                </button>
              ) : null}
            </div>
            <p class="note">
              A concept is marked where it is among the strongest {`${Math.round(1000 * densityOf()) / 10} %`} of all
              test pixels,{" "}
              {[la, lb].some((l) => twins.includes(l.network)) ? "drawn on each layer's own grid, counted" : ""} on the{" "}
              {cell.grid.replace("x", " × ")} cells on which the two layers are compared.
            </p>
            <Legend first="the first layer" second="the second layer" />
            {(inside ? [inside] : pairs.slice(0, all ? undefined : FIRST)).map((p) => (
              <Pair key={`${p.i} ${p.j}`} cell={cell} data={data} i={p.i} j={p.j} apart={apart} />
            ))}
            {!inside && pairs.length > FIRST && !all ? (
              <button type="button" onClick={() => showAll(true)}>
                Show {pairs.length - FIRST} weaker {pairs.length - FIRST === 1 ? "pair" : "pairs"}
              </button>
            ) : null}
          </div>
        </div>
      ) : null}
    </>
  );
}

/** p of the study: the share of pixels that a mask covers. */
const densityOf = (): number => (manifest.run.config as { maps?: { density?: number } }).maps?.density ?? Number.NaN;
