/** The characters, as far as they are known here. */

import { useEffect } from "react";
import type { Api } from "./api";
import { useApp } from "./appState";
import { asProblem, type Problem } from "./problem";
import { Store, useStore } from "./store";
import type { CharacterView } from "./wire";

export interface Known {
  /** In the server's order; null until they have been loaded. */
  listed: readonly string[] | null;
  byId: ReadonlyMap<string, CharacterView>;
  missing: ReadonlySet<string>;
  problem: Problem | null;
}

export class CharacterStore {
  readonly known = new Store<Known>({ listed: null, byId: new Map(), missing: new Set(), problem: null });
  private readonly asked = new Set<string>();

  constructor(private readonly api: Api) {}

  async load(): Promise<void> {
    try {
      const { items } = await this.api.characters();
      const now = this.known.get();
      const byId = new Map([...now.byId, ...items.map((each) => [each.id, each] as const)]);
      this.known.set({ ...now, listed: items.map((each) => each.id), byId, problem: null });
    } catch (error) {
      this.known.set({ ...this.known.get(), problem: asProblem(error) });
    }
  }

  put(character: CharacterView): void {
    const now = this.known.get();
    const listed = now.listed?.includes(character.id) === false ? [...now.listed, character.id] : now.listed;
    this.known.set({ ...now, listed, byId: new Map(now.byId).set(character.id, character) });
  }

  drop(id: string): void {
    const now = this.known.get();
    this.known.set({ ...now, listed: now.listed?.filter((each) => each !== id) ?? null });
  }

  /** One that is not in the list: of an old conversation, or by its slug. */
  async fetch(idOrSlug: string): Promise<void> {
    if (this.asked.has(idOrSlug)) return;
    this.asked.add(idOrSlug);
    try {
      const character = await this.api.character(idOrSlug);
      const now = this.known.get();
      this.known.set({ ...now, byId: new Map(now.byId).set(character.id, character) });
    } catch (error) {
      if (asProblem(error).status !== 404) this.asked.delete(idOrSlug);
      else this.known.set({ ...this.known.get(), missing: new Set(this.known.get().missing).add(idOrSlug) });
    }
  }
}

/** undefined while it is not known; null when there is no such character. */
export function useCharacter(idOrSlug: string | undefined): CharacterView | null | undefined {
  const { characterStore } = useApp();
  const known = useStore(characterStore.known, (now) => now);
  const found = find(known, idOrSlug);
  const ask = idOrSlug !== undefined && found === undefined && (known.listed !== null || known.problem !== null);
  useEffect(() => {
    if (ask) void characterStore.fetch(idOrSlug);
  }, [ask, characterStore, idOrSlug]);
  return found;
}

/** Conversations outlive their characters. Nothing while it is not known. */
export function nameOf(character: CharacterView | null | undefined): string {
  return character === null ? "Somebody gone" : (character?.name ?? "");
}

function find(known: Known, idOrSlug: string | undefined): CharacterView | null | undefined {
  if (idOrSlug === undefined) return undefined;
  const byId = known.byId.get(idOrSlug);
  if (byId !== undefined) return byId;
  for (const each of known.byId.values()) if (each.slug === idOrSlug) return each;
  return known.missing.has(idOrSlug) ? null : undefined;
}
