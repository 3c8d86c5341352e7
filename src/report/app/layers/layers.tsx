import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { layerMatrix } from "../../render/layermatrix.js";
import { number } from "../../render/text.js";
import {
  cellOf,
  doubt,
  interval,
  layers,
  measuresOf,
  methodLabel,
  methods,
  names,
  ownMethod,
  pairsOf,
  twins,
} from "../model.js";
import { FigureBox } from "../parts/figure.js";
import { Select } from "../parts/select.js";
import type { State } from "../state.js";
import { go } from "../state.js";
import { BestPartners } from "./bestpartners.js";
import { Cell } from "./cell.js";
import { pairMatrix } from "./matrixdata.js";

function groupOf({ a, b }: { a: number; b: number }): string {
  const random = [a, b].filter((n) => twins.includes(n)).length;
  if (random > 0) return random === 1 ? "a trained network and a shuffled twin" : "shuffled twins";
  return a === b ? "a network with itself" : "two networks";
}

function layersState(state: State) {
  const withTwins = state.twins === "1";
  const pairs = pairsOf(withTwins);
  const pair = pairs.find((p) => p.key === state.pair) ?? pairs[0]!;
  const method = methods.find((m) => m === state.method) ?? ownMethod;
  const measures = measuresOf(method);
  const measure = measures.find((m) => m.id === state.measure) ?? measures[0];
  return { withTwins, pairs, pair, method, measures, measure };
}

export function Layers({ state }: { state: State }): JSX.Element {
  const { withTwins, pairs, pair, method, measures, measure } = layersState(state);
  const opened = useRef<HTMLElement>(null);
  const last = useRef<string | undefined>(undefined);
  useEffect(() => {
    // a cell is brought into view, whether opened by hand or by a link
    const first = last.current === undefined;
    if (state.cell && state.view === "layers" && last.current !== state.cell)
      opened.current?.scrollIntoView({ block: "start", behavior: first ? "auto" : calm() });
    last.current = state.cell ?? "";
  }, [state.cell, state.view]);
  if (!measure) return <p>No numbers of this method are in the study.</p>;
  const drawn = pairMatrix(pair.a, pair.b, method, measure);
  const { matrix, rows, cols } = drawn;
  const at = (key: string) => [rows[Math.floor(Number(key) / cols.length)]!, cols[Number(key) % cols.length]!] as const;
  const chosen = rows.flatMap((r) => cols.map((c) => `${r}-${c}`)).indexOf(state.cell ?? "");
  const doubtful = matrix.cells.some((c) => c.doubt);
  return (
    <section aria-labelledby="layers-title">
      <h2 id="layers-title">Which layers carry the same concepts</h2>
      <div class="controls">
        <Select
          label="Networks"
          value={pair.key}
          options={pairs.map((p) => [p.key, p.label, groupOf(p)])}
          set={(v) => go({ pair: v, cell: "" })}
        />
        {methods.length > 1 ? (
          <Select
            label="Method"
            value={method}
            options={methods.map((m) => [m, methodLabel(m)])}
            set={(v) => go({ method: v, measure: "", cell: "" })}
          />
        ) : null}
        <Select
          label="Measure"
          value={measure.id}
          options={measures.map((m) => [m.id, m.label])}
          set={(v) => go({ measure: v })}
        />
        {twins.length > 0 ? (
          <label class="check">
            <input
              type="checkbox"
              checked={withTwins}
              onChange={(e) => go({ twins: e.currentTarget.checked ? "1" : "", pair: "", cell: "" })}
            />{" "}
            shuffled twins
          </label>
        ) : null}
      </div>
      <p class="note">{measure.note}</p>
      <div class="besides">
        <FigureBox
          name={`${measure.label} ${names[pair.a]} ${names[pair.b]}`}
          draw={(width, theme) => layerMatrix(matrix, width, theme)}
          deps={[pair.key, method, measure.id]}
          most={1100}
          chosen={chosen >= 0 ? String(chosen) : undefined}
          open={(key) => {
            const [r, c] = at(key);
            if (cellOf(ownMethod, r, c)) go({ view: "layers", pair: pair.key, cell: `${r}-${c}` }, true);
          }}
          tip={(key) => (
            <CellTip
              a={at(key)[0]}
              b={at(key)[1]}
              method={method}
              value={matrix.cells[Number(key)]!.value}
              label={measure.label}
              digits={measure.digits}
            />
          )}
          caption={
            <>
              Rows and columns run from shallow to deep; the curves lead to each layer's place in relative depth.{" "}
              <span class="ridge" /> marks the best partner of a row.
              {doubtful
                ? " Hatched cells cannot be trusted: they are not above chance, or belong to layers that do not find their own concepts again."
                : ""}{" "}
              Choose a cell to see its concepts.
            </>
          }
        />
        <div class="beside">
          <BestPartners a={pair.a} b={pair.b} method={method} measure={measure} of={drawn} />
          {pair.a === pair.b ? null : (
            <BestPartners
              a={pair.b}
              b={pair.a}
              method={method}
              measure={measure}
              of={pairMatrix(pair.b, pair.a, method, measure)}
            />
          )}
        </div>
      </div>
      <section ref={opened} class="opened" aria-live="polite">
        {chosen >= 0 ? <Cell a={at(String(chosen))[0]} b={at(String(chosen))[1]} state={state} /> : null}
      </section>
    </section>
  );
}

function CellTip(p: {
  a: number;
  b: number;
  method: string;
  value: number | null;
  label: string;
  digits: number;
}): JSX.Element {
  const cell = cellOf(p.method, p.a, p.b);
  const care = cell ? doubt(cell.flags) : "";
  const own = p.a === p.b;
  return (
    <>
      <p class="tiphead">
        <bdi>{layers[p.a]!.short}</bdi>{" "}
        {own ? (
          "with itself"
        ) : (
          <>
            and <bdi>{layers[p.b]!.short}</bdi>
          </>
        )}
      </p>
      <p>
        <b>{number(p.value, p.digits)}</b> {own && p.label.startsWith("similarity") ? "S′ with its own refit" : p.label}
      </p>
      {cell && !own ? (
        <p class="tipmore">
          {cell.of("ci_low") === null ? null : (
            <>
              S′ {number(cell.of("similarity"))}, 95 % interval {interval(cell)}
              <br />
            </>
          )}
          {cell.of("z") === null ? null : (
            <>
              null {number(cell.of("null_mean"))}, z {number(cell.of("z"), 0)}, p {number(cell.of("p_value"), 3)}
              <br />
            </>
          )}
          refits {number(layers[p.a]!.self)} · {number(layers[p.b]!.self)}
        </p>
      ) : null}
      {care && !own ? <p class="care">Take care: {care}</p> : null}
    </>
  );
}

const calm = (): ScrollBehavior => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
