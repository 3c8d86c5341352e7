/**
 * `make` of each item, in the order of `items`, with up to `limit` of them under way or waiting to be taken: the next ones are made while the
 * caller works on the present one. A failure is thrown when its item's turn comes; after that, or when the caller stops, no more are started.
 */
export async function* mapConcurrent<T, R>(
  items: readonly T[],
  limit: number,
  make: (item: T, index: number) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const started: Promise<R>[] = [];
  const fill = (end: number) => {
    for (let i = started.length; i < Math.min(end, items.length); i++) {
      // an async function, so that a throw of `make` itself also waits for its turn
      const made = (async () => make(items[i]!, i))();
      // met when its turn comes; until then it must not count as unhandled
      made.catch(() => undefined);
      started.push(made);
    }
  };
  const most = Math.max(1, limit);
  fill(most);
  for (let i = 0; i < items.length; i++) {
    const value = await started[i]!;
    // a result is not kept once it was handed over
    delete started[i];
    fill(i + 1 + most);
    yield value;
  }
}

/** Writes that go on beside the work which follows them, one at a time. What one throws, the next call or `end` throws. */
export function oneBehind(): { next(write: () => Promise<void>): Promise<void>; end(): Promise<void> } {
  let last = Promise.resolve();
  return {
    async next(write) {
      await last;
      last = write();
      last.catch(() => undefined); // told by whoever waits for it
    },
    end: () => last,
  };
}
