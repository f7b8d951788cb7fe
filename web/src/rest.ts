/** Answers that only REST gives; all other shapes are in wire.ts. */

import type { CharacterView, ConversationView, FactView, LiveTurnView, MessageView } from "./wire";

export interface User {
  id: string;
  login: string;
  name: string;
  role: "owner" | "user";
}

/** Who is signed in. `nameChosen`: somebody gave the name; else one stands in for it. */
export interface Me extends User {
  nameChosen: boolean;
  birthYear: number | null;
  adult: boolean;
}

export interface Tokens {
  access: string;
  refresh: string;
  expiresAt: number;
  user: User;
  device?: string | null;
}

export interface History {
  conversation: ConversationView;
  items: MessageView[];
  more: boolean;
  live: LiveTurnView[];
}

export interface Conversations {
  items: ConversationView[];
  nextCursor: string | null;
}

export interface Model {
  name: string;
  title: string;
  kind: string;
  state: string;
  note: string;
  sizeBytes: number;
}

export interface Models {
  current: Model;
  condition: string;
  note: string;
  better: Model | null;
  entries: Model[];
}

export interface PullProgress {
  doneBytes: number;
  totalBytes: number;
  note: string;
}

export interface About {
  version: string;
  signup: boolean;
  localSignIn: boolean;
  websocketPath: string;
  maxMessageLength: number;
  typingTimeoutMs: number;
}

/** What a person tells a character about themselves. */
export interface FactDraft {
  text: string;
  category: FactView["category"];
  pinned: boolean;
}

/** What a form sends: a character without what the server keeps of it. */
export type CharacterDraft = Omit<
  CharacterView,
  "id" | "slug" | "version" | "starter" | "editable" | "restorable" | "createdAt" | "updatedAt"
>;
