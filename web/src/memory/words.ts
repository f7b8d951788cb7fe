/** What the server's names of things are called on the page. */

import type { FactView } from "../wire";

export type Category = FactView["category"];

export const CATEGORIES: readonly { id: Category; name: string }[] = [
  { id: "personal", name: "About you" },
  { id: "preference", name: "Tastes" },
  { id: "relationship", name: "People" },
  { id: "event", name: "Events" },
];

/** Nothing for what is simply true of the person. */
export const REALMS: Readonly<Record<FactView["realm"], string>> = {
  real: "",
  story: "In a story",
  persona: "As someone you play",
  hypothetical: "Imagined",
};

const SAID: readonly [string, readonly string[]][] = [
  ["The same words", ["words", "words_and_names", "words_share", "words_covered", "words_rank"]],
  ["Said beside the same words", ["words_before", "words_after", "words_2_before", "words_2_after", "covered_before"]],
  ["A similar meaning", ["meaning", "meaning_rank"]],
  [
    "Said beside something of similar meaning",
    ["meaning_before", "meaning_after", "meaning_2_before", "meaning_2_after", "meaning_around"],
  ],
  ["It answers a question like this", ["answers_question", "answers_words", "answers_meaning"]],
  ["It is a question", ["asks"]],
  ["From a talk about this", ["sitting_covered", "sitting_meaning", "sitting_best"]],
  ["Who said it", ["speaker", "speaker_answers", "other_speaker_meaning"]],
  ["The time you asked about", ["month", "year", "day", "when_and_time"]],
  ["A number you asked for", ["count_and_number"]],
  ["A name", ["name", "name_and_name"]],
  ["It says much", ["length"]],
  ["Fits what you were talking about", ["window_words", "window_meaning"]],
  ["Not long ago", ["recent"]],
  ["It matters", ["important"]],
  ["You said it more than once", ["reinforced"]],
  ["You pinned it", ["pinned"]],
  ["A known fact", ["fact"]],
  ["It sums up much", ["summary"]],
];

/** By the names of memory/recall/features.py. */
const REASONS: ReadonlyMap<string, string> = new Map(
  SAID.flatMap(([words, names]) => names.map((name) => [name, words] as const)),
);

export interface Reason {
  words: string;
  /** 0..1 of all that spoke for it. */
  share: number;
}

/** Why something was recalled: what spoke for it, the weightiest first. A name unknown here is shown as it is. */
export function reasons(why: Readonly<Record<string, number>>): Reason[] {
  const weights = new Map<string, number>();
  for (const [name, weight] of Object.entries(why)) {
    const words = REASONS.get(name) ?? name;
    if (weight > 0) weights.set(words, (weights.get(words) ?? 0) + weight);
  }
  const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return [...weights].toSorted(([, a], [, b]) => b - a).map(([words, weight]) => ({ words, share: weight / all }));
}

/** The beginning of a sentence: facts are kept in the third person, "lives in Leeds". */
export const sentence = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);
