import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { manifest } from "./model.js";
import { ask } from "./served.js";

interface Study {
  readonly id: string;
  readonly state: "running" | "done" | "failed" | "stopped";
  readonly last?: { readonly stage: string; readonly what: string; readonly done: number; readonly total: number };
  readonly message: string;
}

/** Start a study and watch it; only under `samesight serve`. */
export function StudiesView(): JSX.Element {
  const [text, setText] = useState(JSON.stringify(manifest.run.config, null, 2));
  const [studies, setStudies] = useState<readonly Study[]>([]);
  const [problem, setProblem] = useState("");
  const put = (s: Study) =>
    setStudies((all) => [...all.filter((one) => one.id !== s.id), s].sort((a, b) => Number(a.id) - Number(b.id)));
  const watch = (id: string) => {
    const events = new EventSource(`/studies/${id}/events`);
    events.onmessage = (e) => {
      const now = JSON.parse(e.data as string) as Study;
      put(now);
      if (now.state !== "running") events.close();
    };
  };
  useEffect(() => {
    void ask("/studies").then(async (r) => {
      const all = (await r.json()) as Study[];
      setStudies(all);
      for (const s of all) if (s.state === "running") watch(s.id);
    });
  }, []);
  const start = async () => {
    setProblem("");
    let config: unknown;
    try {
      config = JSON.parse(text);
    } catch (e) {
      return setProblem(`Not JSON: ${(e as Error).message}`);
    }
    const answer = await ask("/studies", config);
    if (!answer.ok) return setProblem(await answer.text());
    const s = (await answer.json()) as Study;
    put(s);
    watch(s.id);
  };
  return (
    <section aria-labelledby="studies-title">
      <h2 id="studies-title">Start a study</h2>
      <p class="note">
        The study of this page, to change and run again: what samesight run takes. Finished work is taken from the
        cache. Results go into the folder studies of this run.
      </p>
      <p>
        <label>
          Study (JSON)
          <textarea rows={18} spellcheck={false} value={text} onInput={(e) => setText(e.currentTarget.value)} />
        </label>
      </p>
      <p>
        <button type="button" onClick={() => void start()}>
          Start
        </button>
      </p>
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      <ul class="plain" aria-live="polite">
        {studies.map((s) => (
          <li key={s.id}>
            <b>Study {s.id}</b>: {s.state}
            {s.state === "running" && s.last ? (
              <>
                {" "}
                <bdi>
                  {s.last.stage}, {s.last.what}
                </bdi>{" "}
                <progress value={s.last.done} max={s.last.total || 1} aria-label={`progress of study ${s.id}`} />{" "}
                {s.last.done}/{s.last.total}{" "}
                <button type="button" class="quiet" onClick={() => void ask(`/studies/${s.id}/stop`, {})}>
                  Stop
                </button>
              </>
            ) : null}
            {s.state === "done" ? (
              <>
                {" "}
                <a href={`/studies/${s.id}/`}>its report</a>
              </>
            ) : null}
            {s.message ? <p class="note">{s.message}</p> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
