import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/numerics/random.js";
import { alignmentFigure } from "../../src/report/render/alignment.js";
import { bridgeFigure } from "../../src/report/render/bridge.js";
import { networkColor, THEMES } from "../../src/report/render/color.js";
import { conceptMatrix } from "../../src/report/render/conceptmatrix.js";
import { confusionFigure } from "../../src/report/render/confusion.js";
import { curvesFigure } from "../../src/report/render/curves.js";
import { layerMatrix, matrixThumbnail } from "../../src/report/render/layermatrix.js";
import { outcomeFigure } from "../../src/report/render/outcome.js";
import { photoSvg } from "../../src/report/render/photo.js";
import { flowFigure, sharedFigure } from "../../src/report/render/sankey.js";
import { scatterFigure } from "../../src/report/render/scatter.js";
import { sharesFigure } from "../../src/report/render/shares.js";
import { trunkFigure } from "../../src/report/render/trunk.js";

/** Each figure is compared with a stored file; a changed one is written beside it. New figures, or all with UPDATE_FIGURES=1, are stored. */
const output = join(import.meta.dirname, "output");
const { light, dark } = THEMES;
const HOSTILE = '<img src=x onerror="alert(1)">&amp;';
const axis = (n: number, tag: string) =>
  Array.from({ length: n }, (_, i) => ({
    label: `${tag}/block_${i}/${i % 2 ? "expand" : "project"}/relu`,
    depth: (i + 1) / (n + 1),
  }));

function matrix(rows: number, cols: number) {
  const random = seededRandom("figures");
  const cells = Array.from({ length: rows * cols }, (_, at) => {
    const [r, c] = [Math.floor(at / cols), at % cols];
    const value = at === 5 ? null : Math.exp(-4 * Math.abs((r + 1) / rows - (c + 1) / cols)) * (0.6 + 0.4 * random());
    return {
      value,
      title: `${r} ${c}`,
      doubt: at % 7 === 3 ? "not above chance" : "",
      ridge: c === Math.round((r * (cols - 1)) / (rows - 1)),
    };
  });
  return {
    id: "m",
    title: "layers",
    label: "similarity S′",
    rowTitle: HOSTILE,
    colTitle: "second",
    rows: axis(rows, "a"),
    cols: axis(cols, "b"),
    cells,
    low: 0,
    high: 1,
    digits: 2,
  };
}

const flow = {
  title: "flow",
  columns: axis(4, "a"),
  nodes: Array.from({ length: 16 }, (_, i) => ({
    id: i,
    column: Math.floor(i / 4),
    title: i === 3 ? HOSTILE : `concept ${i}`,
    short: String((i % 4) + 1),
  })),
  links: Array.from({ length: 12 }, (_, i) => ({
    from: i,
    to: 4 * Math.floor(i / 4) + 4 + ((i * 3) % 4),
    value: 0.2 + (i % 5) / 8,
  })),
};
const side = (tag: string, first: number, color: string) => ({
  network: tag,
  color,
  layers: axis(3, tag).map((l, k) => ({
    ...l,
    concepts: [0, 1, 2, 3].map((i) => ({ id: first + 4 * k + i, title: `${tag} ${k} ${i}` })),
  })),
});
const curve = (n: number, theme: typeof light) => ({
  name: n === 1 ? HOSTILE : `network ${n}`,
  color: networkColor(n, theme),
  points: axis(6, "x").map(({ depth }, i) => ({
    x: depth,
    y: depth ** (0.5 + n / 2),
    low: depth ** 2 / 2,
    high: depth ** 0.5,
    hollow: i === 0,
    ring: i === 4,
    title: `${n} ${i}`,
    key: String(i),
  })),
});

const outcome = {
  title: "shared",
  axis: "concepts with a partner",
  chance: "photographs permuted",
  percent: true,
  rows: [
    {
      name: HOSTILE,
      value: 0.92,
      low: 0.89,
      high: 0.95,
      chance: 0.04,
      mixed: 0.7,
      random: 0.87,
      holds: true,
      verdict: "more than random",
    },
    {
      name: "one and other",
      value: 0.5,
      low: 0.4,
      high: 0.6,
      chance: 0.04,
      mixed: 0.7,
      random: 0.87,
      holds: false,
      verdict: "as random",
    },
    {
      name: "not held",
      value: null,
      low: null,
      high: null,
      chance: 0.04,
      mixed: null,
      random: null,
      holds: null,
      verdict: "open",
    },
  ],
};

const bridge = (k: number) => ({
  title: "bridge",
  concepts: Array.from({ length: k }, (_, c) => ({
    name: c === 1 ? HOSTILE : `concept ${c}`,
    networks: [0, 1].map((n) => ({
      name: n ? HOSTILE : "first",
      color: networkColor(n, light),
      probes: Array.from({ length: 4 }, (__, i) => ({
        depth: (i + 1) / 5,
        iou: i === 3 && c === 2 ? null : 0.1 + i / 6 + c / 20,
      })),
      mined: Array.from({ length: c % 3 }, (__, i) => ({
        depth: (i + 2 + n) / 5,
        iou: 0.1 + i / 5,
        title: `${HOSTILE} ${i}`,
        key: `${i}`,
      })),
    })),
  })),
});

function scatter(groups: number) {
  const random = seededRandom("scatter");
  return {
    title: "vectors",
    note: "two components",
    groups: Array.from({ length: groups }, (_, g) => ({
      name: g === 1 ? "sub-cluster 2: 8" : `group ${g}`,
      color: networkColor(g, light),
    })),
    points: Array.from({ length: 40 }, (_, i) => ({
      x: random() + (i % 4),
      y: random() - (i % 2),
      group: i % 4 < groups ? i % 4 : -1,
      title: i === 3 ? HOSTILE : `point ${i}`,
      key: `${i}`,
    })),
  };
}

const confusion = (k: number) => ({
  title: "mixed up",
  names: Array.from({ length: k }, (_, i) => (i === 1 ? HOSTILE : `concept ${i}`)),
  chosen: 2,
  values: Array.from({ length: k }, (_, i) =>
    Array.from({ length: k }, (__, j) => (i === j || (i === 0 && j === 2) ? null : ((i * 3 + j * 7) % 10) / 10)),
  ),
});

const FIGURES: Record<string, () => string> = {
  outcome: () => outcomeFigure(outcome, 640, light).svg,
  "outcome-narrow": () => outcomeFigure({ ...outcome, percent: false }, 330, dark).svg,
  "layers-light": () => layerMatrix(matrix(8, 7), 900, light).svg,
  "layers-dark-narrow": () => layerMatrix(matrix(8, 7), 358, dark).svg,
  "layers-names-beneath": () =>
    layerMatrix({ ...matrix(3, 3), rowTitle: "ssdlite-mobilenetv2", colTitle: "centernet-mobilenetv3" }, 328, light)
      .svg,
  thumbnail: () => matrixThumbnail(matrix(8, 7), 132, light),
  concepts: () =>
    conceptMatrix(
      {
        title: "concepts",
        rowTitle: HOSTILE,
        colTitle: "b",
        rowNames: ["1", "2", "3"],
        colNames: ["1", "2", "3", "4"],
        values: [0.9, 0.1, 0, -0.04, 0.2, 0.5, Number.NaN, 0, 0.3, 0.1, 0.2, 0.7],
        mutual: new Set([0, 11]),
        assigned: new Set([0, 5, 11]),
        high: 0.9,
      },
      400,
      light,
    ).svg,
  "concepts-hundred": () => {
    const many = Array.from({ length: 40 }, (_, i) => String(i + 1));
    const values = Float32Array.from({ length: 1600 }, (_, i) => (i % 41 === 0 ? 0.8 : 0.05));
    return conceptMatrix(
      {
        title: "concepts",
        rowTitle: "a",
        colTitle: "b",
        rowNames: many,
        colNames: many,
        values,
        mutual: new Set([0, 41]),
        assigned: new Set(),
        high: 1,
      },
      300,
      dark,
    ).svg;
  },
  trunk: () =>
    trunkFigure(
      [0, 1].map((n) => ({
        id: n ? HOSTILE : "first",
        network: n,
        note: "4.5 MB of parameters",
        taps: axis(5, "t").map((t, i) => ({
          name: t.label,
          depth: t.depth,
          channels: 16 << i,
          height: 112 >> i,
          width: 112 >> i,
        })),
      })),
      900,
      light,
    ).svg,
  curves: () =>
    curvesFigure(
      {
        title: "curves",
        xLabel: "relative depth",
        yLabel: "J*",
        curves: [curve(0, light), curve(1, light)],
        mark: { x: 0.4, label: "this layer" },
      },
      800,
      light,
    ).svg,
  "curves-early": () =>
    curvesFigure(
      {
        title: "curves",
        xLabel: "relative depth",
        yLabel: "agreement J* with the best partner",
        curves: [curve(0, light)],
        mark: { x: 0.02, label: "this layer" },
      },
      340,
      light,
    ).svg,
  "curves-narrow": () =>
    curvesFigure(
      { title: "curves", xLabel: "relative depth", yLabel: "J*", curves: [curve(0, dark), curve(1, dark)] },
      340,
      dark,
    ).svg,
  "curves-samples": () =>
    curvesFigure(
      {
        title: "curves",
        xLabel: "photographs",
        yLabel: "cosine",
        curves: [{ ...curve(0, light), points: curve(0, light).points.map((p) => ({ ...p, x: 40 * p.x })) }],
        xAxis: { max: 40, ticks: [0, 10, 20, 30, 40] },
      },
      500,
      light,
    ).svg,
  bridge: () => bridgeFigure(bridge(5), 900, light).svg,
  "bridge-narrow": () => bridgeFigure(bridge(2), 328, dark).svg,
  scatter: () => scatterFigure(scatter(3), 640, light).svg,
  "scatter-one": () => scatterFigure(scatter(1), 328, dark).svg,
  confusion: () => confusionFigure(confusion(5), 560, light).svg,
  "confusion-narrow": () => confusionFigure(confusion(9), 328, dark).svg,
  flow: () => flowFigure(flow, 900, light).svg,
  "flow-unconnected": () => flowFigure({ ...flow, links: [] }, 600, dark).svg,
  shared: () =>
    sharedFigure(
      {
        title: "shared",
        sides: [side(HOSTILE, 0, "#0072b2"), side("second", 12, "#c14d00")],
        links: [
          { from: 0, to: 12, value: 0.9 },
          { from: 5, to: 20, value: 0.3 },
        ],
      },
      560,
      light,
    ).svg,
  shares: () =>
    sharesFigure(
      [
        { key: "0-1", has: HOSTILE, lacks: "second", shared: 42, alone: 6, unstable: 12 },
        { key: "1-0", has: "second", lacks: HOSTILE, shared: 0, alone: 0, unstable: 8 },
      ],
      360,
      light,
    ).svg,
  alignment: () =>
    alignmentFigure(
      {
        title: "depth",
        a: { name: HOSTILE, color: "#0072b2" },
        b: { name: "second", color: "#c14d00" },
        points: axis(5, "p").map((p, i) => ({
          from: i % 2 ? ("a" as const) : ("b" as const),
          depthA: p.depth,
          depthB: p.depth ** 1.3,
          value: p.depth,
          title: p.label,
        })),
        path: [
          { depthA: 0.1, depthB: 0.1 },
          { depthA: 0.5, depthB: 0.3 },
          { depthA: 0.9, depthB: 0.9 },
        ],
      },
      430,
      light,
    ).svg,
  "photo-pair": () =>
    photoSvg({
      uri: "data:,",
      width: 80,
      height: 60,
      title: "both",
      id: "q",
      outlines: [0b00011000, 0b00110000].map((bits, i) => ({
        bits: Uint8Array.from([bits, bits]),
        offset: 0,
        gridH: 4,
        gridW: 4,
        color: i ? "#35c4ff" : "#ff8a1f",
        dashed: i === 1,
      })),
    }),
  photo: () =>
    photoSvg({
      uri: "data:,",
      width: 80,
      height: 60,
      title: HOSTILE,
      id: "p",
      outlines: [
        {
          bits: Uint8Array.from([0b00011000, 0b00001100]),
          offset: 0,
          gridH: 4,
          gridW: 4,
          color: "#ff8a1f",
          dashed: false,
        },
      ],
    }),
};

test.each(Object.keys(FIGURES))("figure %s", (figure) => {
  const drawn = `${FIGURES[figure]!().replaceAll("><", ">\n<")}\n`;
  expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
  expect(drawn).not.toContain("<img");
  const [stored, changed] = [join(output, `${figure}.svg`), join(output, `${figure}-changed.svg`)];
  mkdirSync(output, { recursive: true });
  if (process.env.UPDATE_FIGURES === "1" || !existsSync(stored)) {
    if (process.env.CI) throw new Error(`no stored figure ${figure}.svg`);
    writeFileSync(stored, drawn);
  }
  if (readFileSync(stored, "utf8") === drawn) return rmSync(changed, { force: true });
  writeFileSync(changed, drawn);
  expect.unreachable(
    `${figure}.svg is drawn otherwise: see ${figure}-changed.svg beside it (UPDATE_FIGURES=1 stores it)`,
  );
});

/** Where a word of a figure starts to the right, and its line, by the words of it. */
function placed(svg: string, words: string): { x: number; y: number; anchor: string } {
  const found = new RegExp(`<text x="([-\\d.]+)" y="([-\\d.]+)"([^>]*)>(?:<title>[^<]*</title>)?[^<]*${words}`).exec(
    svg,
  );
  return {
    x: Number(found?.[1]),
    y: Number(found?.[2]),
    anchor: /text-anchor="(\w+)"/.exec(found?.[3] ?? "")?.[1] ?? "start",
  };
}

test("the word of a mark stands on a line of its own, wherever the mark is", () => {
  for (const x of [0, 0.02, 0.5, 0.98, 1]) {
    const marked = curvesFigure(
      { title: "c", xLabel: "x", yLabel: "a long name of an axis", curves: [], mark: { x, label: "this layer" } },
      340,
      light,
    ).svg;
    expect(placed(marked, "this layer").y - placed(marked, "a long name").y).toBeGreaterThanOrEqual(16);
  }
  // beside the line of a mark the word points to where there is room, whatever the axis measures
  const early = curvesFigure(
    {
      title: "c",
      xLabel: "photographs",
      yLabel: "y",
      curves: [],
      mark: { x: 4, label: "few" },
      xAxis: { max: 40, ticks: [0, 40] },
    },
    340,
    light,
  ).svg;
  expect(placed(early, "few").anchor).toBe("start");
});

test("where it is narrow, networks are named above the curves and a long axis has two lines: none is cut", () => {
  const drawn = curvesFigure(
    {
      title: "c",
      xLabel: "x",
      yLabel: "mean cosine of the vectors of fits on resampled photographs",
      curves: [
        curve(0, light),
        curve(2, light),
        { ...curve(3, light), name: "a network with a long name" },
        { ...curve(4, light), name: "", dashed: true },
      ],
    },
    328,
    light,
  ).svg;
  const lines = [
    placed(drawn, "mean cosine"),
    placed(drawn, "photographs"),
    placed(drawn, "network 0"),
    placed(drawn, "a network with"),
  ];
  for (const [i, one] of lines.slice(1).entries()) expect(one.y - lines[i]!.y).toBeGreaterThanOrEqual(15);
  expect(placed(drawn, "network 2").y).toBe(lines[2]!.y);
  expect(placed(drawn, "network 2").x + 7.4 * "network 2".length).toBeLessThan(328);
  // each name has the colour of its line, and no line without a name has a place
  for (const n of [0, 2, 3]) expect(drawn).toContain(`stroke="${networkColor(n, light)}" stroke-width="2.5"`);
  expect(drawn).not.toContain(`stroke="${networkColor(4, light)}" stroke-width="2.5"`);
});

test("names of two networks are whole above a matrix as narrow as a telephone", () => {
  const drawn = layerMatrix(
    { ...matrix(3, 3), rowTitle: "ssdlite-mobilenetv2", colTitle: "centernet-mobilenetv3" },
    328,
    light,
  ).svg;
  const width = Number(/ width="([\d.]+)"/.exec(drawn)?.[1]);
  const cols = placed(drawn, "centernet-mobilenetv3\u2069 \u2192");
  expect(cols.anchor).toBe("end");
  expect(cols.x).toBeLessThanOrEqual(width);
  expect(placed(drawn, "\u2193").y - cols.y).toBeGreaterThanOrEqual(16);
});
