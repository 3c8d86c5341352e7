import { parse } from "node:path";

/** What annotation tools append to a photograph's name. */
const SUFFIX =
  /[_.-](masks?|seg(mentation)?|labels?|labelids|labeltrainids|instances?|instanceids|gt|annotations?|trimap)$/i;

/** PNG files beside a photograph of the same name, or of that name with a suffix of label maps: `a.png` or `a_mask.png` beside `a.jpg`. `ids`: paths below a folder. */
export function labelLike(ids: readonly string[]): { readonly id: string; readonly beside: string }[] {
  const stem = (id: string) => {
    const { dir, name } = parse(id);
    return `${dir}/${name}`;
  };
  const photographs = new Map(ids.filter((id) => !isPng(id)).map((id) => [stem(id), id]));
  const all = new Map(ids.map((id) => [stem(id), id]));
  return ids.filter(isPng).flatMap((id) => {
    const own = stem(id);
    const beside = photographs.get(own) ?? (SUFFIX.test(own) ? all.get(own.replace(SUFFIX, "")) : undefined);
    return beside === undefined ? [] : [{ id, beside }];
  });
}

function isPng(id: string): boolean {
  return /\.png$/i.test(id);
}
