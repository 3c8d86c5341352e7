/** Peak memory and CPU time over the number of photographs, as an SVG that needs nothing else. */
import type { MemoryRow, MemoryStudy } from "./memorytable.js";

const WIDTH = 760;
const HEIGHT = 300;
const PANEL = { width: 290, height: 190, top: 50 };
const LEFT = [70, 450] as const;
const COLORS = ["#0072b2", "#d55e00"];

interface Panel {
  readonly title: string;
  readonly unit: (value: number) => string;
  readonly value: (row: MemoryRow) => number;
}

const PANELS: readonly Panel[] = [
  { title: "Peak memory", unit: (v) => `${(v / 1e9).toFixed(1)} GB`, value: (r) => r.peakBytes },
  { title: "CPU time", unit: (v) => `${Math.round(v)} s`, value: (r) => r.cpuSeconds },
];

export function memoryFigure(rows: readonly MemoryRow[], studies: readonly MemoryStudy[]): string {
  const most = Math.max(1, ...rows.map((r) => r.images));
  const panels = PANELS.map((panel, p) => {
    const left = LEFT[p]!;
    const top = Math.max(1e-9, ...rows.map(panel.value));
    const x = (images: number) => left + (PANEL.width * images) / most;
    const y = (value: number) => PANEL.top + PANEL.height * (1 - value / top);
    const ticks = [0, 0.5, 1].flatMap((share) => [
      `<text x="${left - 6}" y="${fixed(y(share * top) + 4)}" text-anchor="end">${panel.unit(share * top)}</text>`,
      `<path d="M${left} ${fixed(y(share * top))}h${PANEL.width}" stroke="#ddd"/>`,
      `<text x="${fixed(x(share * most))}" y="${PANEL.top + PANEL.height + 18}" text-anchor="middle">${Math.round(share * most).toLocaleString("en")}</text>`,
    ]);
    const lines = studies.map(({ id }, s) => {
      const own = rows.filter((r) => r.study === id);
      const points = own.map((r) => `${fixed(x(r.images))},${fixed(y(panel.value(r)))}`);
      const dots = own.map(
        (r) => `<circle cx="${fixed(x(r.images))}" cy="${fixed(y(panel.value(r)))}" r="3" fill="${COLORS[s]}"/>`,
      );
      return `<polyline points="${points.join(" ")}" fill="none" stroke="${COLORS[s]}" stroke-width="1.5"/>${dots.join("")}`;
    });
    return `<text x="${left}" y="${PANEL.top - 16}" font-weight="bold">${panel.title}</text>${ticks.join("")}${lines.join("")}`;
  });
  const legend = studies.map(
    ({ title }, s) =>
      `<rect x="${LEFT[0] + 220 * s}" y="${HEIGHT - 22}" width="10" height="10" fill="${COLORS[s]}"/><text x="${LEFT[0] + 16 + 220 * s}" y="${HEIGHT - 13}">${title}</text>`,
  );
  const axis = `<text x="${LEFT[1] + PANEL.width}" y="${HEIGHT - 13}" text-anchor="end">photographs</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333"><title>Peak memory and CPU time of a whole study over the number of photographs</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>${panels.join("")}${legend.join("")}${axis}</svg>\n`;
}

const fixed = (v: number) => v.toFixed(1);
