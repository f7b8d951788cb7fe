import { useEffect, useState } from "react";
import { useApp, useAppData } from "../appState";
import { asProblem, type Problem } from "../problem";
import { useStore } from "../store";
import type { BondView } from "../wire";

/** How close they are; asked again when it was heard to have moved, and after a break of the line. */
export function useBond(characterId: string): { bond: BondView | null; problem: Problem | null } {
  const { api, returned } = useApp();
  const heard = useAppData((state) => state.bonds.get(characterId));
  const back = useStore(returned, (now) => now?.at ?? 0);
  const [bond, setBond] = useState<BondView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let wanted = true;
    api.bond(characterId).then(
      (found) => {
        if (!wanted) return;
        setBond(found);
        setProblem(null);
      },
      (error: unknown) => wanted && setProblem(asProblem(error)),
    );
    return () => {
      wanted = false;
    };
  }, [api, characterId, heard, back]);
  return { bond, problem };
}
