import { useEffect, useState } from "react";
import { useApp } from "../appState";
import { asProblem, type Problem } from "../problem";
import type { HitView } from "../wire";
import { useSettled } from "../ui/useSettled";

const DAY = 86_400_000;
const HAS_A_WORD = /[\p{L}\p{N}]/u;

export interface Sought {
  text: string;
  characterId: string;
  sender: string;
  /** Days back from now; 0: always. */
  days: number;
}

interface Hits {
  /** Null while nothing has been asked. */
  items: readonly HitView[] | null;
  problem: Problem | null;
  more: (() => void) | null;
}

const NONE = { items: null, next: null, problem: null };

/** What was said and fits; asked a moment after the last key. */
export function useHits({ text, characterId, sender, days }: Sought): Hits {
  const { api } = useApp();
  const [found, setFound] = useState<{ items: readonly HitView[] | null; next: string | null; problem: Problem | null }>(NONE);
  const words = useSettled(HAS_A_WORD.test(text) ? text.trim() : "", 160);
  const query: Record<string, string> = { q: words, limit: "30" };
  if (characterId !== "") query["character"] = characterId;
  if (sender !== "") query["sender"] = sender;
  const asked = new URLSearchParams(query).toString();
  useEffect(() => {
    if (words === "") return setFound(NONE);
    let wanted = true;
    api.search({ ...Object.fromEntries(new URLSearchParams(asked)), ...since(days) }).then(
      ({ items, nextCursor }) => wanted && setFound({ items, next: nextCursor, problem: null }),
      (error: unknown) => wanted && setFound({ ...NONE, problem: asProblem(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [api, words, asked, days]);
  const { items, next, problem } = found;
  const more = async (cursor: string) => {
    try {
      const page = await api.search({ ...query, ...since(days), cursor });
      setFound((now) => (now.next === cursor ? { ...now, items: [...(now.items ?? []), ...page.items], next: page.nextCursor } : now));
    } catch (error) {
      setFound((now) => ({ ...now, problem: asProblem(error) }));
    }
  };
  return { items, problem, more: next === null ? null : () => void more(next) };
}

/** From midnight, so that a page and the next ask for the same. */
function since(days: number): Record<string, string> {
  return days === 0 ? {} : { since: String(new Date().setHours(0, 0, 0, 0) - days * DAY) };
}
