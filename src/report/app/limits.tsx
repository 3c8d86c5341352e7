import type { JSX } from "preact";
import { number } from "../render/text.js";
import { manifest } from "./model.js";
import { save } from "./parts/save.js";
import { Sentence } from "./parts/words.js";

const MEGA = 1e6;

/** Where the numbers come from, and what they are no evidence for. */
export function Limits(): JSX.Element {
  const { run } = manifest;
  return (
    <>
      <section aria-labelledby="limits-title">
        <h2 id="limits-title">What these numbers are no evidence for</h2>
        <ul class="plain">
          <li>
            <b>Use.</b> The similarity says how far the concepts of two layers light up the same places of the same
            photographs, beyond what permuted photographs give. It does not say that two networks use a concept for the
            same end.
          </li>
          <li>
            <b>Names.</b> A mined concept has no name. What it looks like on a few photographs is a reading of yours.
          </li>
          <li>
            <b>Other photographs.</b> What these {run.dataset.test} photographs do not show is not compared. Intervals
            cover the choice of test photographs
            {hasRefits() ? " and the mining of concepts again from other photographs" : " only"}.
          </li>
          <li>
            <b>Training.</b> Networks with shuffled weights agree too, mostly where maps are coarse or follow borders:{" "}
            {run.twins.length > 0 ? (
              "this study holds such twins beside the trained ones."
            ) : (
              <Sentence>
                this study was made without such twins, so agreement between trained networks is not shown to come from
                training (option --twins).
              </Sentence>
            )}
          </li>
          <li>
            <b>Raw IoU.</b> It rises where two layers merely have the same resolution; do not argue with it.
          </li>
          <li>
            <b>The paper's numbers.</b> The method follows arXiv 2305.07663 and does not claim to reproduce its numbers.
          </li>
        </ul>
      </section>
      <section aria-labelledby="cite-title">
        <h2 id="cite-title">How to cite</h2>
        <p>
          Mikriukov, Schwalbe, Hellert, Bade: Revealing Similar Semantics Inside CNNs: An Interpretable Concept-based
          Comparison of Feature Spaces. arXiv 2305.07663, 2023 (the method); samesight {run.tool.version} (this
          implementation), data hash {run.dataset.hash.slice(0, 12)}, seed {run.seed}.
        </p>
      </section>
      <section aria-labelledby="provenance-title">
        <h2 id="provenance-title">Provenance</h2>
        <dl>
          <Item name="made by">
            {run.tool.name} {run.tool.version}, onnxruntime {run.tool.onnxruntime}, Node {run.tool.node}, {run.created}
          </Item>
          {run.models.map((m) => (
            <Item key={m.id} name="network">
              <bdi>{m.id}</bdi> (<bdi>{m.source}</bdi>), sha256 <code>{m.sha256}</code>
            </Item>
          ))}
          {run.dataset.sources.map((s) => (
            <Item key={s.name} name="photographs">
              <bdi>{s.name}</bdi>, {s.images} images, <bdi>{s.licence}</bdi>
            </Item>
          ))}
          <Item name="data hash">
            <code>{run.dataset.hash}</code>
          </Item>
          <Item name="seed">{run.seed}</Item>
          <Item name="time">
            {Object.entries(run.stagesMs)
              .map(([stage, ms]) => `${stage} ${number(ms / 1000, 1)} s`)
              .join(", ")}
          </Item>
          <Item name="memory">{Math.round(run.peakMemoryBytes / MEGA)} MB at most</Item>
        </dl>
        {run.dataset.skipped.length > 0 ? (
          <details>
            <summary>{run.dataset.skipped.length} files that could not be used</summary>
            <ul>
              {run.dataset.skipped.map((s) => (
                <li key={s.path}>
                  <bdi>{s.path}</bdi>: {s.reason}
                </li>
              ))}
            </ul>
          </details>
        ) : null}
        <details>
          <summary>All settings</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
          <section class="scroll" tabIndex={0} aria-label="all settings">
            <pre>{JSON.stringify(run.config, null, 2)}</pre>
          </section>
        </details>
        <p>
          <button
            type="button"
            onClick={() => save("run.json", "application/json", `${JSON.stringify(run, null, 2)}\n`)}
          >
            Save run.json
          </button>
        </p>
      </section>
    </>
  );
}

function hasRefits(): boolean {
  return Object.values(manifest.cells).some((c) => c.refit_sd.some((v) => v !== null));
}

function Item({ name, children }: { name: string; children: preact.ComponentChildren }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
