// Generated from src/everkin/interfaces/views.py and src/everkin/interfaces/sockets/wire.py by `python scripts/generate.py`.
// Do not edit: change the classes there and generate again.

/**
 * How one character's answer to a user message stands. `errorCode`, `errorSentence` and `partial` (what had
 * arrived) belong to a failed turn.
 */
export interface TurnView {
  /** Starts with `trn_`. */
  id: string;
  /** The user message it answers. */
  messageId: string;
  /** Who answers. */
  characterId: string;
  /** Pending until exactly one of the others is reached. */
  state: "completed" | "failed" | "pending" | "stopped";
  /** Counts the tries a person asked for, from 1. */
  attempt: number;
  /** The reply's message, once there is one. */
  replyId: string | null;
  /** failed: a stable code, e.g. `model_timeout`. */
  errorCode: string | null;
  /** failed: the same for people. */
  errorSentence: string | null;
  /** failed: what had arrived until then. */
  partial: string;
}

/** One message. `turns` is filled on user messages that characters answer: the newest attempt of each. */
export interface MessageView {
  /** Starts with `msg_`. */
  id: string;
  /** Where it was said. */
  conversationId: string;
  /** Its place in the conversation: gapless from 1. */
  seq: number;
  /** The conversation's revision when this message last changed. */
  revision: number;
  /** The message before it on its branch. */
  parentId: string | null;
  /** The user message a character's message answers. */
  replyTo: string | null;
  /** Who wrote it. */
  senderType: "character" | "system" | "user";
  /** The user or the character. */
  senderId: string;
  /** What it holds. */
  type: "image" | "system" | "text" | "voice";
  /** The text; empty once deleted. */
  content: string;
  /** How far it has come to the other side. */
  status: "delivered" | "read" | "sent";
  /** When it was stored. */
  createdAt: number;
  /** The sender's idempotency key. */
  clientId: string | null;
  /** When it reached the other side. */
  deliveredAt: number | null;
  /** When the other side saw it. */
  readAt: number | null;
  /** When it was last edited. */
  editedAt: number | null;
  /** When it was deleted. */
  deletedAt: number | null;
  /** Model, tokens, timings and the like. */
  metadata: Record<string, unknown>;
  /** The answers it gets, one a character. */
  turns: TurnView[];
}

/** `lastSeq` is the newest message's `seq`; `revision` counts every change of the conversation. */
export interface ConversationView {
  /** Starts with `cnv_`. */
  id: string;
  /** Given by a person, or made from the first exchange. */
  title: string;
  /** A person named it. */
  customTitle: boolean;
  /** Archived ones take no messages. */
  status: "active" | "archived" | "deleted";
  /** The characters who take part. */
  characterIds: string[];
  /** The people who take part. */
  userIds: string[];
  /** The newest message's `seq`; 0 without one. */
  lastSeq: number;
  /**
   * The newest message of the branch that is read: it and those before it by `parentId` are shown, all others
   * stand aside; null without a message.
   */
  headId: string | null;
  /** Counts every change, of messages too. */
  revision: number;
  /** Messages in it. */
  messageCount: number;
  /** Messages of others that the asking user has not read; 0 in events. */
  unread: number;
  /** When it began. */
  createdAt: number;
  /** When it last changed. */
  updatedAt: number;
  /** When the newest message was stored. */
  lastMessageAt: number | null;
  /** The beginning of the newest message. */
  lastMessagePreview: string;
  /** Anything else known of it. */
  metadata: Record<string, unknown>;
}

export interface SamplingView {
  temperature: number | null;
  maxTokens: number | null;
  topP: number | null;
  frequencyPenalty: number | null;
  presencePenalty: number | null;
}

/**
 * `starter`: one of the characters that come with Everkin. `editable`: the asking user may change it.
 * `restorable`: it is not as it was shipped any more, and the asking user may put it back.
 */
export interface CharacterView {
  id: string;
  slug: string;
  version: number;
  starter: boolean;
  editable: boolean;
  restorable: boolean;
  createdAt: number;
  updatedAt: number;
  name: string;
  age: number | null;
  gender: string;
  traits: string[];
  tagline: string;
  description: string;
  scenario: string;
  firstMessage: string;
  alternateGreetings: string[];
  exampleDialogues: string[];
  systemPrompt: string;
  postHistoryInstructions: string;
  tags: string[];
  creator: string;
  creatorNotes: string;
  avatar: string;
  accent: string;
  voice: string;
  preferredModel: string;
  nsfwPolicy: "allow" | "block" | "fade";
  talkativeness: number;
  sampling: SamplingView;
  lorebook: Record<string, unknown> | null;
}

/** A turn that is being answered right now. `text` is what has been said so far; empty while it waits. */
export interface LiveTurnView {
  turnId: string;
  messageId: string;
  characterId: string;
  phase: "queued" | "started";
  text: string;
}

/** What went wrong: a stable `code` and a sentence for people. */
export interface ProblemView {
  /** Stable; for programs. */
  code: string;
  /** For people; names what mends it. */
  sentence: string;
  /** The field that does not fit. */
  field: string | null;
  /** The limit that was passed. */
  limit: number | null;
  /** Seconds to wait before trying again. */
  retryAfter: number | null;
}

/** One thing a character remembers of a person. */
export interface FactView {
  /** Starts with `fnd_`: the id of the first finding it rests on. */
  id: string;
  /** Who remembers. */
  characterId: string;
  /** Whom it is about. */
  userId: string;
  /** In the third person, without the name: "lives in Leeds". */
  text: string;
  /** What kind of thing it is. */
  category: "event" | "personal" | "preference" | "relationship";
  /** What it is true of; only `real` belongs to the biography. */
  realm: "hypothetical" | "persona" | "real" | "story";
  /** 0..1: how sure it is. */
  confidence: number;
  /** 0..1: how much it matters. */
  importance: number;
  /** A pinned fact is always in mind. */
  pinned: boolean;
  /** How often it was said again. */
  reinforcements: number;
  /** When it was first said. */
  firstMentionedAt: number;
  /** When it was last said. */
  lastReinforcedAt: number;
  /** Since when it is so, as far as is known. */
  validFrom: number;
  /** Until when it was so; null: it still is. */
  validTo: number | null;
  /** The fact that took its place. */
  supersededBy: string | null;
  /** The messages it comes from; empty where a person added it. */
  messageIds: string[];
  /** A person put it into these words. */
  edited: boolean;
  /** Of little importance and not said for long: not in mind any more, until it is said again, pinned or edited. */
  resting: boolean;
}

/** `character` remembers these, newest first. `more`: there are further ones. */
export interface FactsView {
  /** The facts. */
  items: FactView[];
  /** Ask again with a larger `limit`. */
  more: boolean;
}

/** Each number 0..100. */
export interface RelationshipView {
  /** How close all in all. */
  level: number;
  /** The same in a word: stranger, acquaintance, friend... */
  levelName: string;
  /** How much is confided. */
  trust: number;
  /** How much is shared of what is felt. */
  intimacy: number;
  /** Exchanges so far. */
  interactions: number;
  /** What you talk about most. */
  topics: string[];
  /** What you went through together. */
  shared: string[];
  /** When you met; null: you have not. */
  since: number | null;
  /** When you last spoke. */
  lastAt: number | null;
}

/** One day of the chart. */
export interface RelationshipPointView {
  /** Midnight UTC. */
  at: number;
  /** 0..100. */
  level: number;
  /** 0..100. */
  trust: number;
  /** 0..100. */
  intimacy: number;
}

/** How close you are, and how it came about. */
export interface BondView {
  /** As it stands now. */
  relationship: RelationshipView;
  /** One point for each day since you met, oldest first; at most 366. */
  history: RelationshipPointView[];
}

/** Something a character had in mind for a reply, and why. */
export interface RecollectionView {
  /** A fact's, a message's or a summary's id. */
  id: string;
  /** What it is. */
  kind: "fact" | "message" | "summary";
  /** What was recalled; null: it has been forgotten since. */
  text: string | null;
  /** Who said it; empty for facts and summaries. */
  speaker: string;
  /** Where it was said; empty for what a person added. */
  conversationId: string;
  /** Its place there; 0 for facts. */
  seq: number;
  /** When. */
  at: number;
  /** What it was ranked by. */
  score: number;
  /** What weighed most: name of the feature, contribution to the score. */
  why: Record<string, number>;
}

/** What a reply drew on, the most fitting first. */
export interface RecollectionsView {
  /** The memories. */
  items: RecollectionView[];
}

/** A message that was found. */
export interface HitView {
  /** The whole message. */
  message: MessageView;
  /** The title of its conversation. */
  conversationTitle: string;
  /** Who takes part there. */
  characterIds: string[];
  /** The part of it that fits. */
  snippet: string;
  /** [from, to) of what fits in `snippet`, in characters (code points). */
  marks: number[][];
}

/** What was found, the newest first. `nextCursor` continues the list; null at its end. */
export interface HitsView {
  /** The messages. */
  items: HitView[];
  /** For the next page. */
  nextCursor: string | null;
}

/**
 * Proof that something was forgotten. `signature`: Ed25519 over the JSON of all other fields but `genuine`, keys
 * sorted, without spaces, by the house's key (`publicKey` of the list of receipts).
 */
export interface ReceiptView {
  /** Starts with `rcp_`. */
  id: string;
  /** Who had it forgotten. */
  userId: string;
  /** What kind of thing. */
  what: "conversation" | "fact" | "message" | "user";
  /** SHA-256 of its id, in hex. */
  targetDigest: string;
  /** How many of each kind of thing went with it. */
  counts: Record<string, number>;
  /** When. */
  at: number;
  /** Its bytes are gone from the database's files, too. */
  scrubbed: boolean;
  /** Base64. */
  signature: string;
}

/** Newest first. */
export interface ReceiptsView {
  /** The receipts. */
  items: ReceiptView[];
  /** The house's Ed25519 key, 32 bytes in base64. */
  publicKey: string;
}

/** Nothing happened; `error` says why and what mends it. */
export interface Refused {
  /** What was refused, and what mends it. */
  error: ProblemView;
  /** Tells it apart from a good answer. */
  ok: false;
}

export interface Done {
  /** It is done. */
  ok: true;
}

/**
 * Say something. `clientId` is your idempotency key (any text up to 64 characters, fresh for every message, the
 * same when you send it again because no acknowledgement came).
 */
export interface SendMessage {
  /** Where to say it. */
  conversationId: string;
  /** At most MAX_MESSAGE_LENGTH characters. */
  content: string;
  /** Only text can be sent so far. */
  type?: "text";
  /** The idempotency key. */
  clientId?: string | null;
}

/** The message is on disk and will be answered. `duplicate`: it already was, from an earlier try. */
export interface MessageAccepted {
  /** As stored, with its `seq` and the turns that will answer it. */
  message: MessageView;
  /** It was stored before; nothing was written now. */
  duplicate: boolean;
  /** It is on disk. */
  ok: true;
}

/** Stop the answer that is under way, and those waiting; without `turnId` all of the conversation. */
export interface StopTurn {
  /** Whose answers. */
  conversationId: string;
  /** Only this turn. */
  turnId?: string | null;
}

/** How many turns were told to stop. Each still ends with its own `character:response` (phase `stopped`). */
export interface Stopping {
  /** 0 when nothing was under way. */
  stopped: number;
  /** They were told. */
  ok: true;
}

/** Answer this message again after its turn failed or was stopped without a word. */
export interface RetryMessage {
  /** A message of a person. */
  messageId: string;
}

export interface InConversation {
  /** Which conversation. */
  conversationId: string;
}

/**
 * Hear a conversation, and first what was missed: every message after `lastSeq` as `message:received`, older
 * ones that changed since `lastRevision` as `message:updated`. Without `lastSeq` no messages are brought.
 *
 * An answer in flight comes as `character:response`: `started` and a `delta` from the first character on. If you
 * had already heard `offset` characters of turn `turnId`, there is no `started` but a `delta` that goes on from
 * there; should the turn have been taken up anew meanwhile, what you had is void, and `started` says so.
 */
export interface JoinConversation {
  /** Which conversation. */
  conversationId: string;
  /** You have everything up to this `seq`; 0 brings the whole conversation. */
  lastSeq?: number | null;
  /** The newest `revision` you have seen in this conversation. */
  lastRevision?: number | null;
  /** The turn you were hearing when the connection broke. */
  turnId?: string | null;
  /** How many characters (code points) of it you have. */
  offset?: number;
}

/**
 * `missed` messages were brought before this. `more`: the gap was too large; fetch the rest over REST from
 * `broughtSeq` on.
 */
export interface Joined {
  /** As it stands. */
  conversation: ConversationView;
  /** How many `message:received` came before this. */
  missed: number;
  /** You have everything up to this `seq`. */
  broughtSeq: number;
  /** There are later messages that were not brought. */
  more: boolean;
  /** You hear it from now on. */
  ok: true;
}

/** Everything up to this `seq` has been seen; without `upToSeq` everything there is by now. */
export interface ReadMessages {
  /** Which conversation. */
  conversationId: string;
  /** The newest `seq` on the screen. */
  upToSeq?: number | null;
}

export interface MessageUpdated {
  /** As it stands now; replaces the one with this id. */
  message: MessageView;
}

/** `by` (a user or a character) has every message up to `upToSeq` that they did not write themselves. */
export interface Receipt {
  /** Which conversation. */
  conversationId: string;
  /** The reader: a user or a character. */
  by: string;
  /** The newest `seq` that reached them. */
  upToSeq: number;
  /** When. */
  at: number;
  /** The conversation's revision after it. */
  revision: number;
}

/** Told to the others in the conversation: no device of a person hears that this person types. */
export interface TypingIndicator {
  /** Where. */
  conversationId: string;
  /** Who: a user or a character. */
  userId: string;
  /** Whether they began or stopped. */
  isTyping: boolean;
}

/**
 * Of a conversation of several people, and to them only: also once to a socket that joins. A person with several
 * devices is there as long as one of them hears the conversation.
 */
export interface PresenceChanged {
  /** Where. */
  conversationId: string;
  /** Everybody who is there now, you included: users whose devices are connected to this node. */
  present: string[];
}

/**
 * The story of one turn. `started`, any number of `delta` and `stalled`, then exactly one of `completed`,
 * `stopped`, `failed`. A second `started` with the same `turnId` voids what came before (the turn was taken up
 * again).
 *
 * delta: `text` follows the first `offset` characters (code points). stalled: nothing came for `waitedMs`.
 * completed, stopped: `message` is the reply as stored (left out when stopped before a word). failed: `code`,
 * `sentence`, and `turn.partial`. The three last phases carry `turn`. What does not belong to a phase is left
 * out.
 */
export interface CharacterResponse {
  /** What happened to the turn. */
  phase: "completed" | "delta" | "failed" | "stalled" | "started" | "stopped";
  /** Where. */
  conversationId: string;
  /** Which turn. */
  turnId: string;
  /** The message being answered. */
  messageId: string;
  /** Who answers. */
  characterId: string;
  /** delta: more of the reply. */
  text?: string | null;
  /** delta: how many characters (code points) came before `text`. */
  offset?: number | null;
  /** stalled: for how long nothing has come. */
  waitedMs?: number | null;
  /** completed, stopped: the reply as stored. */
  message?: MessageView | null;
  /** completed, stopped, failed: how the turn ended. */
  turn?: TurnView | null;
  /** failed: a stable code, e.g. `model_timeout`. */
  code?: string | null;
  /** failed: the same for people. */
  sentence?: string | null;
}

/** What a character remembers of you changed. */
export interface MemoryUpdated {
  /** Where it was said. */
  conversationId: string;
  /** Who remembers. */
  characterId: string;
  /** Whom they remember: you. */
  userId: string;
  /** Ids of facts that are new. */
  learnt: string[];
  /** Ids of facts that were reinforced, closed or worded anew. */
  changed: string[];
  /** Ids of facts that are no more. */
  gone: string[];
}

/** How close a character and you are. */
export interface RelationshipUpdated {
  /** Where it changed. */
  conversationId: string;
  /** Who. */
  characterId: string;
  /** With whom: you. */
  userId: string;
  /** As it stands now. */
  relationship: RelationshipView;
}

/** What a client may send, for `Socket<ServerToClientEvents, ClientToServerEvents>`. */
export interface ClientToServerEvents {
  /** Send a message. */
  "message:send": (body: SendMessage, ack: (answer: MessageAccepted | Refused) => void) => void;
  /** Stop the answer under way. */
  "message:stop": (body: StopTurn, ack: (answer: Stopping | Refused) => void) => void;
  /** Ask for an answer again after a failure. */
  "message:retry": (body: RetryMessage, ack: (answer: MessageAccepted | Refused) => void) => void;
  /** Mark messages as seen. */
  "message:read": (body: ReadMessages, ack: (answer: Done | Refused) => void) => void;
  /** You are typing; ends by itself after TYPING_TIMEOUT. */
  "typing:start": (body: InConversation, ack: (answer: Done | Refused) => void) => void;
  /** You are not typing any more. */
  "typing:stop": (body: InConversation, ack: (answer: Done | Refused) => void) => void;
  /** Hear a conversation and get what was missed. */
  "conversation:join": (body: JoinConversation, ack: (answer: Joined | Refused) => void) => void;
  /** Hear it no longer on this socket. */
  "conversation:leave": (body: InConversation, ack: (answer: Done | Refused) => void) => void;
}

/** What the server sends. */
export interface ServerToClientEvents {
  /** A message was stored: a person's, a greeting, or a reply. */
  "message:received": (body: MessageView) => void;
  /** An older message was edited, deleted, or is being answered again. */
  "message:updated": (body: MessageUpdated) => void;
  /** Messages reached the other side. */
  "message:delivered": (body: Receipt) => void;
  /** Messages were seen by the other side. */
  "message:read": (body: Receipt) => void;
  /** Somebody (a user or a character) types, or stopped. */
  "typing:indicator": (body: TypingIndicator) => void;
  /** In company: who has the conversation open. */
  "presence:changed": (body: PresenceChanged) => void;
  /** A character answers. */
  "character:response": (body: CharacterResponse) => void;
  /** Created, renamed, archived, deleted, or moved on. Sent to all of the user's sockets. */
  "conversation:updated": (body: ConversationView) => void;
  /** A character learnt, corrected or forgot something about you. */
  "memory:updated": (body: MemoryUpdated) => void;
  /** You and a character came closer, or drifted apart. */
  "relationship:updated": (body: RelationshipUpdated) => void;
  /** A request could not be done, and it had asked for no acknowledgement. */
  "error": (body: ProblemView) => void;
}

export const REQUESTS = [
  "message:send",
  "message:stop",
  "message:retry",
  "message:read",
  "typing:start",
  "typing:stop",
  "conversation:join",
  "conversation:leave",
] as const;

export const EVENTS = [
  "message:received",
  "message:updated",
  "message:delivered",
  "message:read",
  "typing:indicator",
  "presence:changed",
  "character:response",
  "conversation:updated",
  "memory:updated",
  "relationship:updated",
  "error",
] as const;
