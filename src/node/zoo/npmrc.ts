import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * The user's npm settings as npm itself resolves them (project, user, global files and environment): registry, proxy, certificates and
 * tokens. Empty where npm is not at hand; pacote then uses its defaults.
 */
export async function npmOptions(): Promise<Record<string, unknown>> {
  const keys = ["registry", "proxy", "https-proxy", "noproxy", "strict-ssl", "cafile"];
  try {
    const { stdout } = await promisify(execFile)("npm", ["config", "get", ...keys, "--json"], {
      timeout: 20_000,
      shell: process.platform === "win32",
    });
    const found = JSON.parse(stdout) as Record<string, unknown>;
    const set = Object.entries(found).filter(([, value]) => value !== null && value !== "" && value !== "null");
    return Object.fromEntries(
      set.map(([key, value]) => [key.replace(/-(\w)/g, (_, ch: string) => ch.toUpperCase()), value]),
    );
  } catch {
    return process.env.npm_config_registry ? { registry: process.env.npm_config_registry } : {};
  }
}
