/** Facts in the order of a life: pure. */

import { monthName } from "../time";
import type { FactView } from "../wire";
import type { Category } from "./words";

export interface Stretch {
  key: string;
  title: string;
  facts: readonly FactView[];
}

/** What is pinned first, then month by month, the newest first. `only`: of this kind; "" for all. */
export function timeline(facts: readonly FactView[], only: Category | ""): Stretch[] {
  const wanted = facts
    .filter((fact) => only === "" || fact.category === only)
    .toSorted((a, b) => b.firstMentionedAt - a.firstMentionedAt || (a.id < b.id ? 1 : -1));
  const pinned = wanted.filter(isKept);
  const stretches: Stretch[] = pinned.length > 0 ? [{ key: "pinned", title: "Always in mind", facts: pinned }] : [];
  for (const [title, months] of groups(wanted.filter((fact) => !isKept(fact)), monthOf)) {
    stretches.push({ key: title, title, facts: months });
  }
  return stretches;
}

/** Pinned, and still so. */
const isKept = (fact: FactView): boolean => fact.pinned && fact.validTo === null;

const monthOf = (fact: FactView): string => monthName(fact.firstMentionedAt);

function groups(facts: readonly FactView[], by: (fact: FactView) => string): Map<string, FactView[]> {
  const found = new Map<string, FactView[]>();
  for (const fact of facts) found.set(by(fact), [...(found.get(by(fact)) ?? []), fact]);
  return found;
}
