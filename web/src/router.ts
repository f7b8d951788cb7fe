/** Places of the page are paths; the server shows the page at any of them. */

import { useMemo } from "react";
import { Store, useStore } from "./store";

export type Place =
  | { name: "gallery" }
  | { name: "character"; id: string }
  | { name: "newCharacter" }
  | { name: "editCharacter"; id: string }
  | { name: "conversations" }
  | { name: "talk"; id: string; seq: number | null }
  | { name: "nowhere" };

const path = new Store(location.pathname);
addEventListener("popstate", () => path.set(location.pathname));

export function go(to: string, how: "push" | "replace" = "push"): void {
  if (to === location.pathname) return;
  history[how === "push" ? "pushState" : "replaceState"]({ inside: true }, "", to);
  path.set(to);
}

/** To one message. Inside its own conversation that is no new place to come back from. */
export function goToMessage(conversationId: string, seq: number): void {
  const talk = `/talk/${conversationId}`;
  go(`${talk}/${seq}`, location.pathname === talk ? "replace" : "push");
}

/** Back where the person came from, or `otherwise` when they came from outside. */
export function goBack(otherwise: string): void {
  const state = history.state as { inside?: boolean } | null;
  if (state?.inside) history.back();
  else go(otherwise, "replace");
}

export function placeOf(pathname: string): Place {
  const [first, second, third, ...rest] = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (rest.length > 0) return { name: "nowhere" };
  if (first === undefined) return { name: "gallery" };
  if (first === "talk") {
    if (second === undefined) return { name: "conversations" };
    if (third === undefined) return { name: "talk", id: second, seq: null };
    return /^\d{1,9}$/.test(third) ? { name: "talk", id: second, seq: Number(third) } : { name: "nowhere" };
  }
  if (first !== "characters" || second === undefined) return { name: "nowhere" };
  if (third === "edit") return { name: "editCharacter", id: second };
  if (third !== undefined) return { name: "nowhere" };
  return second === "new" ? { name: "newCharacter" } : { name: "character", id: second };
}

export function usePlace(): Place {
  const pathname = useStore(path, (now) => now);
  return useMemo(() => placeOf(pathname), [pathname]);
}
