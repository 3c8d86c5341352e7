/** Stops of a scale that is even in lightness and safe for colour-blind readers (a reduced viridis), low to high. */
const STOPS = ["#f4f1ea", "#d3e2c4", "#9fcfa0", "#5fb593", "#2f938c", "#24707f", "#2b4c73", "#2f2a5c"];

/** Fill and ink for a value between `low` and `high`. */
export function shade(value: number | null, low: number, high: number): { fill: string; ink: string } {
  if (value === null) return { fill: "none", ink: "currentColor" };
  const t = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
  const at = t * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.floor(at));
  return { fill: mix(STOPS[i]!, STOPS[i + 1]!, at - i), ink: t > 0.5 ? "#ffffff" : "#1c2024" };
}

function mix(a: string, b: string, t: number): string {
  const channel = (hex: string, i: number) => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const out = [0, 1, 2].map((i) => Math.round(channel(a, i) + (channel(b, i) - channel(a, i)) * t));
  return `#${out.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
}
