import type { JSX } from "preact";
import { number } from "../../render/text.js";
import type { Row } from "../blocks.js";
import { layerShort, names, photos, shortName } from "../model.js";
import { Photo } from "../parts/photo.js";
import { useTable } from "../use.js";

const GROUPS = 4;
const PHOTOS = 8;

/** Groups of photographs that one network holds together and the other does not (RDX), where the study has them. */
export function Differences({ a, b }: { a: number; b: number }): JSX.Element | null {
  const { value: rows } = useTable("differences");
  const own = (rows ?? []).filter((r) => r.held_by === names[a] && (r.model_a === names[b] || r.model_b === names[b]));
  const keyOf = (r: Row) => `${r.layer_a}\n${r.layer_b}\n${r.group}`;
  const groups = [...new Set(own.map(keyOf))].slice(0, GROUPS);
  if (groups.length === 0) return null;
  return (
    <div class="shelf">
      <h3>
        Photographs that <bdi>{shortName(a)}</bdi> holds together and <bdi>{shortName(b)}</bdi> does not
      </h3>
      <p class="note">
        Whole layers compared by which photographs lie near each other in them (RDX). In each group every photograph has
        the others among its nearest in <bdi>{shortName(a)}</bdi>, and not in <bdi>{shortName(b)}</bdi>: what the group
        has in common is what only the first makes much of. The strongest groups first.
      </p>
      <ul class="rdx">
        {groups.map((g, i) => (
          <Group
            key={g}
            number={i + 1}
            a={a}
            b={b}
            rows={own.filter((r) => keyOf(r) === g).sort((p, q) => (p.order as number) - (q.order as number))}
          />
        ))}
      </ul>
    </div>
  );
}

function Group(p: { number: number; a: number; b: number; rows: readonly Row[] }): JSX.Element {
  const place = new Map(photos.map((photo, i) => [photo.id, i]));
  const shown = p.rows.flatMap((r) => place.get(r.image as string) ?? []);
  const first = p.rows[0]!;
  const here = first.model_a === names[p.a] ? first.layer_a : first.layer_b;
  const there = first.model_a === names[p.a] ? first.layer_b : first.layer_a;
  return (
    <li>
      <h4>
        Group {p.number}: {p.rows.length} photographs
      </h4>
      <p class="note">
        Mean rank of each other {number(first.rank_here as number, 0)} in <bdi>{layerShort(names[p.a], here)}</bdi>,{" "}
        {number(first.rank_there as number, 0)} in <bdi>{layerShort(names[p.b], there)}</bdi> of the other network.
      </p>
      <div class="photos">
        {shown.slice(0, PHOTOS).map((photo) => (
          <Photo key={photo} photo={photo} says={`in group ${p.number}`} />
        ))}
      </div>
      {shown.length === 0 ? <p class="note">None of them is among the photographs of this page.</p> : null}
    </li>
  );
}
