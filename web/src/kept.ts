/** What must survive a closed tab: words being written, words on their way. Kept in this browser only. */

import type { Pending } from "./state";

const DRAFT = "everkin.draft.";
const OUTBOX = "everkin.outbox";

export function keepDraft(conversationId: string, text: string): void {
  write(DRAFT + conversationId, text === "" ? null : text);
}

export const keptDraft = (conversationId: string): string => read(DRAFT + conversationId) ?? "";

export function keepOutbox(me: string, pending: readonly Pending[]): void {
  write(OUTBOX, pending.length === 0 ? null : JSON.stringify({ me, pending }));
}

/** Empty when it was another person's. */
export function keptOutbox(me: string): Pending[] {
  try {
    const kept = JSON.parse(read(OUTBOX) ?? "{}") as { me?: string; pending?: Pending[] };
    return kept.me === me ? (kept.pending ?? []) : [];
  } catch {
    return [];
  }
}

/** Everything of the person that this browser keeps; how the page looks is not of them. */
export function forgetKept(): void {
  try {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith("everkin.") && key !== "everkin.theme");
    for (const key of kept) localStorage.removeItem(key);
  } catch {
    return;
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** A browser that refuses storage (private windows, full quota) only loses this convenience. */
function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    return;
  }
}
