/** Loaded before a program (`node --import`): writes what it took into the file SAMESIGHT_USAGE names, when it ends. Worker threads are counted with it. */
import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread && process.env.SAMESIGHT_USAGE) {
  process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const usage = { peakBytes: maxRSS * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
    writeFileSync(process.env.SAMESIGHT_USAGE, JSON.stringify({ ...usage, seconds: process.uptime() }));
  });
}
