/** Colours of figures. A scale is a path through OKLab that is walked at constant speed, so that equal steps of a value look equally large. */

export type ThemeName = "light" | "dark";

export interface Theme {
  readonly name: ThemeName;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly ground: string;
  readonly accent: string;
  /** First and second layer of a pair, on photographs and beside them: told apart by every kind of colour vision, and by a dashed line too. */
  readonly a: string;
  readonly b: string;
}

export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  light: {
    name: "light",
    ink: "#1d2126",
    soft: "#59616b",
    line: "#d9d5cc",
    ground: "#ffffff",
    accent: "#12606e",
    a: "#b54708",
    b: "#0b63b5",
  },
  dark: {
    name: "dark",
    ink: "#eceae5",
    soft: "#a9b0b8",
    line: "#3d444c",
    ground: "#1b1f23",
    accent: "#7fd0da",
    a: "#ff9d4d",
    b: "#63b8ff",
  },
};

/** Contours on photographs, over a dark casing: the same in both themes. */
export const CONTOUR = { a: "#ff8a1f", b: "#35c4ff" } as const;

/**
 * Networks: blue and orange of Okabe and Ito, then colours that lie at least 0.09 in OKLab from all others for every kind of colour vision
 * (simulated, see the test), with the contrast of words on their ground.
 */
const NETWORKS: Readonly<Record<ThemeName, readonly string[]>> = {
  light: ["#0072b2", "#c14d00", "#1d4a1f", "#7d1a74", "#865a69", "#273fbe", "#450646"],
  dark: ["#56b4e9", "#f0883e", "#b9efc9", "#a877b8", "#fbcb39", "#8078f4", "#a9c8a4"],
};

export function networkColor(network: number, theme: Theme): string {
  const colors = NETWORKS[theme.name];
  return colors[network % colors.length]!;
}

/** Lightness, chroma and hue (degrees) at the ends and between: from the ground's own lightness to its opposite. */
const PATHS: Readonly<Record<ThemeName, readonly (readonly [number, number, number])[]>> = {
  light: [
    [0.965, 0.015, 95],
    [0.84, 0.085, 150],
    [0.68, 0.105, 180],
    [0.52, 0.1, 225],
    [0.38, 0.11, 265],
    [0.25, 0.09, 290],
  ],
  dark: [
    [0.26, 0.03, 280],
    [0.38, 0.1, 270],
    [0.52, 0.1, 230],
    [0.68, 0.105, 185],
    [0.83, 0.12, 140],
    [0.95, 0.11, 105],
  ],
};

type Lab = readonly [number, number, number];

const STEPS = 256;
const tables = new Map<ThemeName, readonly string[]>();

/** Colour of t in 0..1. */
export function scaleColor(t: number, theme: Theme): string {
  let table = tables.get(theme.name);
  if (!table) {
    table = walk(PATHS[theme.name]);
    tables.set(theme.name, table);
  }
  return table[Math.min(STEPS - 1, Math.max(0, Math.round(t * (STEPS - 1))))]!;
}

/** Fill and ink for a value between `low` and `high`. */
export function shade(
  value: number | null | undefined,
  low: number,
  high: number,
  theme: Theme,
): { fill: string; ink: string } {
  if (value === null || value === undefined || Number.isNaN(value)) return { fill: "none", ink: theme.soft };
  const fill = scaleColor((value - low) / (high - low || 1), theme);
  return { fill, ink: luminance(fill) > 0.179 ? "#000000" : "#ffffff" };
}

/** Points at equal distances along the path. */
function walk(path: readonly (readonly [number, number, number])[]): string[] {
  const fine = 2000;
  const points = Array.from({ length: fine + 1 }, (_, i) => onPath(path, (i / fine) * (path.length - 1)));
  const length = new Float64Array(fine + 1);
  for (let i = 1; i <= fine; i++) length[i] = length[i - 1]! + distance(points[i]!, points[i - 1]!);
  let i = 0;
  return Array.from({ length: STEPS }, (_, s) => {
    const goal = (s / (STEPS - 1)) * length[fine]!;
    while (i < fine && length[i]! < goal) i++;
    return hex(toRgb(points[i]!));
  });
}

/** Catmull-Rom through the stops, in OKLab. */
function onPath(path: readonly (readonly [number, number, number])[], x: number): Lab {
  const at = Math.min(path.length - 2, Math.floor(x));
  const t = x - at;
  const stop = (i: number): Lab => {
    const [l, c, h] = path[Math.min(path.length - 1, Math.max(0, i))]!;
    return [l, c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
  };
  const [p, q, r, s] = [stop(at - 1), stop(at), stop(at + 1), stop(at + 2)];
  return [0, 1, 2].map((d) => {
    const [a, b, c, e] = [p[d]!, q[d]!, r[d]!, s[d]!];
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - e) * t * t + (3 * b - a - 3 * c + e) * t ** 3);
  }) as unknown as Lab;
}

function distance(p: Lab, q: Lab): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** OKLab (Ottosson 2020) to sRGB 0..1, clipped. */
function toRgb([L, a, b]: Lab): number[] {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((v) => Math.min(1, Math.max(0, v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055)));
}

function hex(rgb: readonly number[]): string {
  return `#${rgb
    .map((v) =>
      Math.round(v * 255)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/** Relative luminance (WCAG) of #rrggbb. Above 0.179 black has the higher contrast. */
export function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const v = Number.parseInt(color.slice(i, i + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
