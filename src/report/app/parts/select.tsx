import type { JSX } from "preact";

export function Select(p: {
  readonly label: string;
  readonly value: string;
  /** Value, what is shown, and under which heading. */
  readonly options: readonly (readonly [string, string, string?])[];
  readonly set: (value: string) => void;
}): JSX.Element {
  return (
    <label>
      {p.label}{" "}
      <select value={p.value} onChange={(e) => p.set(e.currentTarget.value)}>
        {[...new Set(p.options.map(([, , group]) => group))].map((group, _, { length }) => {
          const some = p.options
            .filter((o) => o[2] === group)
            .map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ));
          return group === undefined || length === 1 ? (
            some
          ) : (
            <optgroup key={group} label={group}>
              {some}
            </optgroup>
          );
        })}
      </select>
    </label>
  );
}

/** Choices of which each is its own name, such as named concepts. */
export function SelectName(p: {
  readonly label: string;
  readonly value: string;
  readonly names: readonly string[];
  readonly set: (value: string) => void;
}): JSX.Element {
  return <Select label={p.label} value={p.value} options={p.names.map((n) => [n, n])} set={p.set} />;
}
