import type { CharacterView, ConversationView } from "../wire";

export interface Wanted {
  text: string;
  status: "active" | "archived" | "all";
  characterId: string;
}

/** As the server searches: in titles and in names of characters. */
export function fits(
  conversation: ConversationView,
  wanted: Wanted,
  characters: ReadonlyMap<string, CharacterView>,
): boolean {
  if (conversation.status === "deleted") return false;
  if (wanted.status !== "all" && conversation.status !== wanted.status) return false;
  if (wanted.characterId !== "" && !conversation.characterIds.includes(wanted.characterId)) return false;
  const text = wanted.text.trim().toLocaleLowerCase();
  if (text === "") return true;
  const names = conversation.characterIds.map((id) => characters.get(id)?.name ?? "");
  return [conversation.title, ...names].some((each) => each.toLocaleLowerCase().includes(text));
}

export function newestFirst(a: ConversationView, b: ConversationView): number {
  return moment(b) - moment(a) || (a.id < b.id ? 1 : -1);
}

const moment = (conversation: ConversationView): number => conversation.lastMessageAt ?? conversation.createdAt;
