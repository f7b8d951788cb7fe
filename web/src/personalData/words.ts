import type { ReceiptView } from "../wire";

const COUNTS: Readonly<Record<string, readonly [string, string]>> = {
  conversations: ["conversation", "conversations"],
  messages: ["message", "messages"],
  findings: ["note", "notes"],
  facts: ["memory", "memories"],
  summaries: ["summary", "summaries"],
  vectors: ["index entry", "index entries"],
  bond_events: ["trace of closeness", "traces of closeness"],
  turns: ["turn", "turns"],
  media: ["picture", "pictures"],
  characters: ["character", "characters"],
  tokens: ["sign-in", "sign-ins"],
  accounts: ["account", "accounts"],
  words: ["word list", "word lists"],
  usage: ["bill of use", "bills of use"],
  messages_no_longer_recalled: ["message no longer recalled", "messages no longer recalled"],
};

/** How many of each kind; a kind unknown here is called what the server calls it. */
export function countsInWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => {
      const words = COUNTS[kind];
      return `${count} ${words === undefined ? kind.replaceAll("_", " ") : words[count === 1 ? 0 : 1]}`;
    })
    .join(", ");
}

export const WHAT: Readonly<Record<ReceiptView["what"], string>> = {
  fact: "A memory",
  message: "A message",
  conversation: "A conversation",
  user: "Everything",
};
