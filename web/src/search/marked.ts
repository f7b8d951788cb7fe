export interface Piece {
  text: string;
  marked: boolean;
}

/** A snippet in pieces. `marks` are [from, to) in code points, in order. */
export function pieces(snippet: string, marks: readonly (readonly number[])[]): Piece[] {
  const points = Array.from(snippet);
  const found: Piece[] = [];
  let at = 0;
  const add = (until: number, marked: boolean) => {
    const text = points.slice(at, until).join("");
    if (text !== "") found.push({ text, marked });
    at = Math.max(at, until);
  };
  for (const [from = 0, to = 0] of marks) {
    add(from, false);
    add(to, true);
  }
  add(points.length, false);
  return found;
}
