import type { JSX } from "preact";
import type { Finding } from "../../../contract/trust.js";
import { number } from "../../render/text.js";
import { manifest } from "../model.js";
import { Scroll } from "../parts/scroll.js";
import { Sentence } from "../parts/words.js";

/** What a run says, in sentences, each with a mark of whether it holds; the numbers behind it on demand. */
export function Findings({ kinds }: { kinds?: readonly Finding["kind"][] }): JSX.Element | null {
  const some = manifest.run.findings.filter((f) => !kinds || kinds.includes(f.kind));
  if (some.length === 0) return null;
  return (
    <ul class="findings">
      {some.map((f) => (
        <li key={f.id} class={f.holds === null ? "open" : f.holds ? "holds" : "fails"}>
          <p>
            <span class="verdict">{f.holds === null ? "open" : f.holds ? "holds" : "does not hold"}</span>{" "}
            <Sentence>{f.sentence}</Sentence>
          </p>
          <Values of={f} />
        </li>
      ))}
    </ul>
  );
}

function Values({ of }: { of: Finding }): JSX.Element | null {
  const entries = Object.entries(of.values);
  if (entries.length === 0) return null;
  return (
    <details>
      <summary>The numbers</summary>
      <Scroll label="numbers behind the sentence">
        <table>
          <thead>
            <tr>
              <th scope="col">quantity</th>
              <th scope="col">value</th>
              <th scope="col">95 % interval</th>
              <th scope="col">null</th>
              <th scope="col">p</th>
              <th scope="col">null is</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(([name, v]) => (
              <tr key={name}>
                <td class="name">{name.replaceAll("_", " ")}</td>
                <td>{number(v.value, 3)}</td>
                <td>{v.ci_low === null ? "–" : `${number(v.ci_low, 3)} to ${number(v.ci_high, 3)}`}</td>
                <td>{v.null_mean === null ? "–" : `${number(v.null_mean, 3)} ± ${number(v.null_sd, 3)}`}</td>
                <td>{number(v.p_value, 4)}</td>
                <td class="name">{v.null}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}
