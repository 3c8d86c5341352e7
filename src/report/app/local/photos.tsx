import type { JSX } from "preact";
import { networkColor } from "../../render/color.js";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { pictureUri } from "../blocks.js";
import { manifest } from "../model.js";
import { useBlocks, useTheme } from "../use.js";

const BLOCK = "local/photos";
/** Photographs a sub-cluster: the most central ones, and the least central at the end. */
const CENTRAL = 11;

interface Props {
  /** Rows of location_images.csv of one concept in one layer. */
  readonly rows: readonly Row[];
  readonly clusters: number;
  readonly concept: string;
  /** Row of the vector that was chosen. */
  readonly chosen: string | undefined;
}

/** The photographs behind each sub-cluster. */
export function LocalPhotos({ rows, clusters, concept, chosen }: Props): JSX.Element | null {
  const has = BLOCK in manifest.blocks;
  const { value, error } = useBlocks(has ? [BLOCK] : []);
  const theme = useTheme();
  if (!has) return null;
  if (error) return <p class="problem">{error}</p>;
  const file = value?.[0];
  if (!file) return null;
  const ids = JSON.parse(file.metadata.ids!) as string[];
  const sizes = JSON.parse(file.metadata.sizes!) as [number, number][];
  const place = new Map(ids.map((id, at) => [id, at]));
  const shown = (own: readonly Row[]) => {
    const sorted = own
      .filter((r) => place.has(String(r.image)))
      .sort((a, b) => Number(b.centrality) - Number(a.centrality));
    const picked = sorted.length > CENTRAL + 1 ? [...sorted.slice(0, CENTRAL), sorted.at(-1)!] : sorted;
    const first = sorted.find((r) => String(r.row) === chosen);
    return first ? [first, ...picked.filter((r) => r !== first)] : picked;
  };
  return (
    <>
      <h3>{clusters === 1 ? "Its photographs" : "Photographs of each sub-cluster"}</h3>
      <p class="note">
        Nearest to the concept's mean direction first; the last one is the farthest that the page holds. Under each: its
        cosine with that mean.
      </p>
      {Array.from({ length: clusters }, (_, c) => {
        const own = rows.filter((r) => Number(r.cluster) === c + 1);
        return (
          <section class="pair" key={c} aria-label={`sub-cluster ${c + 1} of ${concept}`}>
            <header>
              <h4>
                <svg width="12" height="12" aria-hidden="true" class="dot">
                  <circle cx="6" cy="6" r="5" fill={networkColor(c, theme)} />
                </svg>{" "}
                {clusters === 1 ? "All photographs" : `Sub-cluster ${c + 1}`}
              </h4>
              <ul class="facts">
                <li>{own.length} photographs</li>
              </ul>
            </header>
            <div class="photos">
              {shown(own).map((r) => {
                const at = place.get(String(r.image))!;
                const [width, height] = sizes[at]!;
                return (
                  <figure
                    class="photo"
                    key={String(r.row)}
                    style={{ "--r": Math.min(2.4, Math.max(0.45, width / height)).toFixed(3) }}
                  >
                    <img
                      src={pictureUri(file, at)}
                      width={width}
                      height={height}
                      loading="lazy"
                      alt={`${r.image}: ${concept}, cosine with the mean ${number(r.centrality as number)}`}
                      class={String(r.row) === chosen ? "chosen" : undefined}
                    />
                    <figcaption title={String(r.image)}>
                      {number(r.centrality as number)}
                      {r.nearest === concept || r.nearest === null ? "" : ", near "}
                      {r.nearest === concept || r.nearest === null ? null : <bdi>{r.nearest}</bdi>}
                    </figcaption>
                  </figure>
                );
              })}
            </div>
          </section>
        );
      })}
    </>
  );
}
