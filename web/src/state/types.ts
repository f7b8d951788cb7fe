import type {
  CharacterResponse,
  ConversationView,
  Joined,
  MemoryUpdated,
  MessageView,
  PresenceChanged,
  ProblemView,
  Receipt,
  RelationshipUpdated,
  RelationshipView,
  TurnView,
  TypingIndicator,
} from "../wire";

/** A message this browser has sent and the server has not yet acknowledged. */
export interface Pending {
  clientId: string;
  conversationId: string;
  content: string;
  at: number;
  /** Set when the server refused it; null while it is on its way. */
  problem: ProblemView | null;
}

/** A reply as it is being spoken. `length` counts code points of `text`, as the wire's offsets do. */
export interface Live {
  turnId: string;
  messageId: string;
  characterId: string;
  text: string;
  length: number;
  /** `started` was heard again: the next delta at offset 0 replaces the text, any other goes on with it. */
  renewed: boolean;
  /** A delta was missed; the text waits until a re-join has mended it. */
  torn: boolean;
  /** It was torn, and since then only its start was told. */
  untold: boolean;
  stalledMs: number;
}

/**
 * The part of a conversation's log that is held here.
 *
 * `messages` has no holes: the seq of each is its neighbour's plus one, the very first is 1. `newest` is the highest seq
 * known to exist, held or not. `revision`: every change up to it is known, so a re-join asks for what came after; hearing
 * moves it only while `joined`, for then nothing is left out. `strays` are messages heard of that lie outside of
 * `messages`, `receipts` the latest ones in order, `ended` the latest turns that are over: these three are laid over pages
 * that were cut before they happened. `present`: the people who have the conversation open, told in company only.
 */
export interface Log {
  messages: readonly MessageView[];
  newest: number;
  revision: number;
  joined: boolean;
  liveReplies: readonly Live[];
  ended: ReadonlyMap<string, TurnView>;
  strays: ReadonlyMap<string, MessageView>;
  receipts: readonly ReceiptHeard[];
  typing: readonly string[];
  present: readonly string[];
}

export interface ReceiptHeard extends Receipt {
  kind: "delivered" | "read";
}

/**
 * What was heard of a character's memory. `changes` counts what was told, so that whoever shows it knows when to ask again;
 * `learnt`: facts that nobody has looked at yet.
 */
export interface Remembered {
  changes: number;
  learnt: ReadonlySet<string>;
}

export type Line = "connecting" | "online" | "lost" | "signedOut";

export interface State {
  /** The signed-in user's id; empty before sign-in. */
  me: string;
  line: Line;
  conversations: ReadonlyMap<string, ConversationView>;
  logs: ReadonlyMap<string, Log>;
  pending: readonly Pending[];
  /** Conversations that moved on since their `unread` was counted: events do not carry that count. */
  uncounted: ReadonlySet<string>;
  /** By character: changes of what they remember, since this page was opened. */
  remembered: ReadonlyMap<string, Remembered>;
  /** By character: how close they are, as last told. */
  bonds: ReadonlyMap<string, RelationshipView>;
}

/** A part of a log as REST tells it: in order of seq, as of `conversation.revision`. */
export interface Page {
  items: MessageView[];
  more: boolean;
  conversation: ConversationView;
}

export type StateEvent =
  | { kind: "signedIn"; me: string }
  | { kind: "line"; line: Line }
  | { kind: "conversations"; items: ConversationView[] }
  | { kind: "moved"; conversation: ConversationView }
  | { kind: "page"; page: Page; reach: "newest" | "before" | "after" }
  | { kind: "message"; message: MessageView; heard: boolean }
  | { kind: "receipt"; receipt: ReceiptHeard }
  | { kind: "typing"; typing: TypingIndicator }
  | { kind: "presence"; presence: PresenceChanged }
  | { kind: "response"; response: CharacterResponse }
  | { kind: "joined"; joined: Joined }
  | { kind: "remembered"; told: MemoryUpdated }
  | { kind: "looked"; characterId: string }
  | { kind: "closer"; told: RelationshipUpdated }
  | { kind: "sending"; pending: Pending }
  | { kind: "refused"; clientId: string; problem: ProblemView }
  | { kind: "withdrawn"; clientId: string }
  | { kind: "closed"; conversationId: string };
