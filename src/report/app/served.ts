/** Under `samesight serve` the page may show photographs whole and start studies; on disk it may do neither. */
const token = document.querySelector<HTMLMetaElement>('meta[name="samesight-serve"]')?.content;

export const served = token !== undefined;

const base = location.pathname.replace(/[^/]*$/, "");

/** Where the whole photograph is; undefined on disk. */
export function servedPhoto(photo: number): string | undefined {
  return served ? `${base}photographs/${photo}` : undefined;
}

/** A request to the server that brought the page. */
export function ask(path: string, body?: unknown): Promise<Response> {
  return fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", "x-samesight-token": token ?? "" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
