/** Where the lines of a relationship's chart run: pure. */

import type { RelationshipPointView } from "../wire";

export type Strand = "level" | "trust" | "intimacy";

export const STRANDS: readonly { id: Strand; name: string }[] = [
  { id: "level", name: "Closeness" },
  { id: "trust", name: "Trust" },
  { id: "intimacy", name: "Intimacy" },
];

export const WIDTH = 320;
export const HEIGHT = 132;

const TOPS = [10, 25, 50, 100];

/** The end of the scale: 100, or less where young lines would lie flat on the ground. */
export function topOf(points: readonly RelationshipPointView[]): number {
  const most = Math.max(0, ...points.flatMap((point) => [point.level, point.trust, point.intimacy]));
  return TOPS.find((top) => most <= top * 0.92) ?? 100;
}

/** A single day stands at the right edge: it is today. */
export const xOf = (index: number, count: number): number => (count < 2 ? WIDTH : (index / (count - 1)) * WIDTH);
export const yOf = (value: number, top: number): number => HEIGHT - (value / top) * HEIGHT;

/** The data of an SVG path. */
export function lineOf(points: readonly RelationshipPointView[], strand: Strand, top: number): string {
  const steps = points.map((point, at) => `${round(xOf(at, points.length))} ${round(yOf(point[strand], top))}`);
  return steps.length === 0 ? "" : `M${steps.join("L")}`;
}

/** For those who hear the chart. */
export function inWords(points: readonly RelationshipPointView[]): string {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return "No days yet.";
  const days = points.length === 1 ? "Today" : `Over ${points.length} days`;
  const moves = STRANDS.map(({ id, name }) => `${name.toLowerCase()} from ${Math.round(first[id])} to ${Math.round(last[id])}`);
  return `${days}: ${moves.join(", ")}, of 100.`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
