import type { JSX } from "preact";
import { Fragment } from "preact";

/** A sentence whose options of the command line ("--twins 1") stay on one line. */
export function Sentence({ children }: { children: string }): JSX.Element {
  return (
    <>
      {children.split(/(--[a-z][a-z-]*(?: \d+)?)/).map((part, i) =>
        // what the pattern catches stands at odd places
        i % 2 === 1 ? (
          <code key={i} class="flag">
            {part}
          </code>
        ) : (
          part
        ),
      )}
    </>
  );
}

/** A layer's name, which breaks after its separators before it breaks elsewhere. */
export function LayerName({ children }: { children: string }): JSX.Element {
  return (
    <bdi>
      {children.split(/(?<=[_/.:])/).map((part, i) => (
        <Fragment key={i}>
          {i > 0 ? <wbr /> : null}
          {part}
        </Fragment>
      ))}
    </bdi>
  );
}
