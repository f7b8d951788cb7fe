import { useEffect, useState } from "react";
import { useApp, useAppData } from "../appState";
import { asProblem, type Problem } from "../problem";
import { useStore } from "../store";
import type { FactsView } from "../wire";
import { useSettled } from "../ui/useSettled";

const STEP = 100;
const MOST = 500;

interface Found {
  /** Null until they have come for the first time. */
  facts: FactsView | null;
  problem: Problem | null;
  refresh: () => void;
  /** Null when there are no more. */
  more: (() => void) | null;
}

/** What a character remembers: asked again whenever something was heard to have changed, and after a break of the line. */
export function useFacts(characterId: string, text: string, past: boolean): Found {
  const { api, returned } = useApp();
  const changes = useAppData((state) => state.remembered.get(characterId)?.changes ?? 0);
  const back = useStore(returned, (now) => now?.at ?? 0);
  const [facts, setFacts] = useState<FactsView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [limit, setLimit] = useState(STEP);
  const [asked, setAsked] = useState(0);
  const words = useSettled(text.trim());
  useEffect(() => {
    let wanted = true;
    api.facts(characterId, { text: words, past, limit }).then(
      (found) => {
        if (!wanted) return;
        setFacts(found);
        setProblem(null);
      },
      (error: unknown) => wanted && setProblem(asProblem(error)),
    );
    return () => {
      wanted = false;
    };
  }, [api, characterId, words, past, limit, changes, back, asked]);
  const more = facts?.more && limit < MOST ? () => setLimit(Math.min(MOST, limit + STEP)) : null;
  return { facts, problem, refresh: () => setAsked(asked + 1), more };
}
