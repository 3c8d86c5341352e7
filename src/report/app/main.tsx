import type { JSX } from "preact";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ThemeName } from "../render/color.js";
import { THEMES } from "../render/color.js";
import { Concept } from "./concepts/concept.js";
import { Concepts } from "./concepts/concepts.js";
import { Depth } from "./depth.js";
import { FlowView } from "./flow.js";
import { Layers } from "./layers/layers.js";
import { Limits } from "./limits.js";
import { Local } from "./local/localvectors.js";
import { manifest, names, shortName, trained } from "./model.js";
import { Bridge } from "./named/bridge.js";
import { Named } from "./named/named.js";
import { Overview } from "./overview/overview.js";
import { served } from "./served.js";
import type { State } from "./state.js";
import { hrefOf, useAddress } from "./state.js";
import { StudiesView } from "./studies.js";
import { Unique } from "./unique/unique.js";
import { ThemeContext } from "./use.js";

const VIEWS: readonly { id: string; label: string; when?: boolean; view: (p: { state: State }) => JSX.Element }[] = [
  { id: "overview", label: "Overview", view: () => <Overview /> },
  { id: "layers", label: "Layers", view: Layers },
  { id: "concepts", label: "Concepts", view: Concepts },
  { id: "flow", label: "Flow", view: FlowView },
  { id: "depth", label: "Depth", when: trained.length > 1, view: Depth },
  { id: "unique", label: "Unique & shared", when: trained.length > 1, view: Unique },
  { id: "named", label: "Named concepts", when: "probes" in manifest.tables, view: Named },
  { id: "bridge", label: "Mined & named", when: "bridge" in manifest.tables, view: Bridge },
  { id: "local", label: "Local vectors", when: "locations" in manifest.tables, view: Local },
  { id: "studies", label: "Studies", when: served, view: () => <StudiesView /> },
  { id: "limits", label: "Provenance & limits", view: () => <Limits /> },
];

function App({ theme, setTheme }: { theme: ThemeName; setTheme: (t: ThemeName) => void }): JSX.Element {
  const state = useAddress();
  const tabs = VIEWS.filter((v) => v.when !== false);
  const id =
    state.view === "concept"
      ? "concept"
      : state.view === "all"
        ? "all"
        : (tabs.find((t) => t.id === state.view)?.id ?? "overview");
  const main = useRef<HTMLElement>(null);
  const last = useRef(`${id} ${state.concept}`);
  useEffect(() => {
    // a new view starts at its top, for eyes and for screen readers
    const now = `${id} ${state.concept}`;
    if (last.current !== now) {
      // a link to a cell leads to the cell
      if (id !== "layers" || !state.cell) scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    last.current = now;
  }, [id, state.concept]);
  const bar = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // where the bar is wider than the window, the view that is open stands in it
    const tab = bar.current?.querySelector<HTMLElement>("[aria-current]");
    if (tab && bar.current) bar.current.scrollLeft = tab.offsetLeft - (bar.current.clientWidth - tab.offsetWidth) / 2;
  }, [id]);
  const { run } = manifest;
  const title =
    typeof run.config.title === "string" && run.config.title ? run.config.title : "Do they see the same things?";
  return (
    <ThemeContext.Provider value={THEMES[theme]}>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <div class="wrap">
          <p class="brand">samesight</p>
          <h1>
            <bdi>{title}</bdi>
          </h1>
          <p class="lead">
            {trained.map((n, i) => (
              <span key={n}>
                {i > 0 ? ", " : ""}
                <bdi title={names[n]}>{shortName(n)}</bdi>
              </span>
            ))}
            : compared by the concepts inside them on {run.dataset.test} photographs.
          </p>
        </div>
      </header>
      <nav aria-label="Views">
        <div class="wrap bar">
          <ul ref={bar}>
            {tabs.map((t) => (
              <li key={t.id}>
                <a
                  href={hrefOf({ view: t.id })}
                  aria-current={t.id === id || (id === "concept" && t.id === "concepts") ? "page" : undefined}
                >
                  {t.label}
                </a>
              </li>
            ))}
          </ul>
          <button type="button" class="quiet" onClick={() => setTheme(theme === "dark" ? "light" : "dark")}>
            {theme === "dark" ? "Light" : "Dark"}
          </button>
        </div>
      </nav>
      <main class="wrap" id="main" ref={main} tabIndex={-1}>
        {id === "concept" ? (
          <Concept state={state} />
        ) : (
          tabs.filter((t) => id === "all" || t.id === id).map((t) => <t.view key={t.id} state={state} />)
        )}
      </main>
      <footer class="wrap">
        <p>
          Made by samesight {run.tool.version}. This page loads nothing from elsewhere.{" "}
          {id === "all" ? null : <a href={hrefOf({ view: "all" })}>The whole report on one page, to print</a>}
        </p>
      </footer>
    </ThemeContext.Provider>
  );
}

function Themed(): JSX.Element {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const [asked, ask] = useState<ThemeName | undefined>(undefined);
  const [dark, setDark] = useState(system.matches);
  const [paper, setPaper] = useState(false);
  useEffect(() => {
    const follow = () => setDark(system.matches);
    system.addEventListener("change", follow);
    const print = matchMedia("print");
    const printing = () => setPaper(print.matches);
    print.addEventListener("change", printing);
    return () => {
      system.removeEventListener("change", follow);
      print.removeEventListener("change", printing);
    };
  }, []);
  const theme = paper ? "light" : (asked ?? (dark ? "dark" : "light"));
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return <App theme={theme} setTheme={ask} />;
}

render(<Themed />, document.getElementById("app")!);
document.documentElement.dataset.ready = "1";
