// Generated from src/everkin/interfaces/views.py and src/everkin/interfaces/sockets/wire.py by `python scripts/generate.py`.
// Do not edit: change the classes there and generate again.

/**
 * The state of one character's answer to a user message. `errorCode`, `errorSentence` and `partial` (the text
 * that had arrived) belong to a failed turn.
 */
export interface TurnView {
  /** Starts with `trn_`. */
  id: string;
  /** The user message it answers. */
  messageId: string;
  /** The character that answers. */
  characterId: string;
  /** Pending until exactly one of the others is reached. */
  state: "completed" | "failed" | "pending" | "stopped";
  /** Counts the attempts a user asked for, from 1. */
  attempt: number;
  /** The id of the reply's message, once there is one. */
  replyId: string | null;
  /** failed: a stable code, e.g. `model_timeout`. */
  errorCode: string | null;
  /** failed: a sentence for people. */
  errorSentence: string | null;
  /** failed: the text that had arrived. */
  partial: string;
}

/** One message. `turns` is filled on user messages that characters answer: the newest attempt of each. */
export interface MessageView {
  /** Starts with `msg_`. */
  id: string;
  /** The conversation it belongs to. */
  conversationId: string;
  /** Its place in the conversation: gapless from 1. */
  seq: number;
  /** The conversation's revision when this message last changed. */
  revision: number;
  /** The message before it on its branch. */
  parentId: string | null;
  /** The user message a character's message answers. */
  replyTo: string | null;
  /** The kind of sender. */
  senderType: "character" | "system" | "user";
  /** The id of the user or character. */
  senderId: string;
  /** The kind of content. */
  type: "image" | "system" | "text" | "voice";
  /** The text; empty once deleted. */
  content: string;
  /** How far the message has come: stored, received, or read by the other participants. */
  status: "delivered" | "read" | "sent";
  /** When it was stored. */
  createdAt: number;
  /** The sender's idempotency key. */
  clientId: string | null;
  /** When the other side received it. */
  deliveredAt: number | null;
  /** When the other side read it. */
  readAt: number | null;
  /** When it was last edited. */
  editedAt: number | null;
  /** When it was deleted. */
  deletedAt: number | null;
  /** Model, tokens, timings and similar data. */
  metadata: Record<string, unknown>;
  /** The turns that answer it, one per character. */
  turns: TurnView[];
}

/** `lastSeq` is the newest message's `seq`; `revision` counts every change of the conversation. */
export interface ConversationView {
  /** Starts with `cnv_`. */
  id: string;
  /** Set by a user, or made from the first exchange. */
  title: string;
  /** A user set the title. */
  customTitle: boolean;
  /** Archived conversations take no messages. */
  status: "active" | "archived" | "deleted";
  /** The participating characters. */
  characterIds: string[];
  /** The participating users. */
  userIds: string[];
  /** The newest message's `seq`; 0 without one. */
  lastSeq: number;
  /**
   * The newest message of the current branch: it and its ancestors by `parentId` are shown, messages of other
   * branches are not; null without a message.
   */
  headId: string | null;
  /** Counts every change, including those of messages. */
  revision: number;
  /** Number of messages. */
  messageCount: number;
  /** Messages of others that the asking user has not read; 0 in events. */
  unread: number;
  /** When it was created. */
  createdAt: number;
  /** When it last changed. */
  updatedAt: number;
  /** When the newest message was stored. */
  lastMessageAt: number | null;
  /** The beginning of the newest message. */
  lastMessagePreview: string;
  /** Further data about the conversation. */
  metadata: Record<string, unknown>;
}

export interface SamplingView {
  /** 0..2; null: as set by LLM_TEMPERATURE. */
  temperature: number | null;
  /** The longest reply in tokens; null: as set by LLM_MAX_TOKENS. */
  maxTokens: number | null;
  /** Above 0, at most 1; null: as set by LLM_TOP_P. */
  topP: number | null;
  /** -2..2; null: as set by LLM_FREQUENCY_PENALTY. */
  frequencyPenalty: number | null;
  /** -2..2; null: as set by LLM_PRESENCE_PENALTY. */
  presencePenalty: number | null;
}

/**
 * A character. `starter`: one of those that come with Everkin. `editable`: the asking user may change it.
 * `restorable`: it differs from the shipped version, and the asking user may restore that.
 */
export interface CharacterView {
  /** Starts with `chr_`. */
  id: string;
  /** A readable name for addresses. */
  slug: string;
  /** Increases with every change of the persona. */
  version: number;
  /** It comes with Everkin. */
  starter: boolean;
  /** The asking user may change it. */
  editable: boolean;
  /** It differs from the shipped version, and the asking user may restore that. */
  restorable: boolean;
  /** When it was created. */
  createdAt: number;
  /** When it last changed. */
  updatedAt: number;
  /** The name it is called by. */
  name: string;
  /** In years; null: not stated. */
  age: number | null;
  /** Free text; empty: not stated. */
  gender: string;
  /** Words for its nature. */
  traits: string[];
  /** One line for lists. */
  tagline: string;
  /** The persona, as text for the model. */
  description: string;
  /** The situation a conversation starts in. */
  scenario: string;
  /** The greeting of a new conversation. */
  firstMessage: string;
  /** Other greetings to choose from. */
  alternateGreetings: string[];
  /** Sample exchanges that show how it talks. */
  exampleDialogues: string[];
  /** Replaces the first lines of the usual system prompt; empty: the usual ones. */
  systemPrompt: string;
  /** Instructions placed after the history. */
  postHistoryInstructions: string;
  /** For finding it in lists. */
  tags: string[];
  /** The author of the character. */
  creator: string;
  /** The author's notes; not part of the prompt. */
  creatorNotes: string;
  /** The path of its picture; empty: none. */
  avatar: string;
  /** Its colour in the page, in CSS notation. */
  accent: string;
  /** The voice it is read with; empty: the default. */
  voice: string;
  /** The model it prefers; empty: the current one. */
  preferredModel: string;
  /** How explicit content is handled. */
  nsfwPolicy: "allow" | "block" | "fade";
  /** 0..1: how readily it answers in a group. */
  talkativeness: number;
  /** Sampling settings for its replies. */
  sampling: SamplingView;
  /** Background entries, as in character cards; null: none. */
  lorebook: Record<string, unknown> | null;
}

/** A turn in progress. `text` is the text generated so far; empty while the turn is queued. */
export interface LiveTurnView {
  /** The turn's id. */
  turnId: string;
  /** The user message it answers. */
  messageId: string;
  /** The character that answers. */
  characterId: string;
  /** Whether generation has started. */
  phase: "queued" | "started";
  /** The text generated so far. */
  text: string;
}

/** An error: a stable `code` and a sentence for people. */
export interface ProblemView {
  /** Stable; for programs. */
  code: string;
  /** For people; says how to resolve it. */
  sentence: string;
  /** The field at fault. */
  field: string | null;
  /** The bound that was exceeded. */
  limit: number | null;
  /** Seconds to wait before trying again. */
  retryAfter: number | null;
}

/** One fact a character remembers about a user. */
export interface FactView {
  /** Starts with `fnd_`: the id of the first finding it rests on. */
  id: string;
  /** The character that remembers it. */
  characterId: string;
  /** The user it is about. */
  userId: string;
  /** In the third person, without the name: "lives in Leeds". */
  text: string;
  /** The kind of fact. */
  category: "event" | "personal" | "preference" | "relationship";
  /** The world it is true in; only `real` belongs to the biography. */
  realm: "hypothetical" | "persona" | "real" | "story";
  /** 0..1: how certain it is. */
  confidence: number;
  /** 0..1: how important it is. */
  importance: number;
  /** A pinned fact is part of every prompt. */
  pinned: boolean;
  /** How often it was mentioned again. */
  reinforcements: number;
  /** When it was first mentioned. */
  firstMentionedAt: number;
  /** When it was last mentioned. */
  lastReinforcedAt: number;
  /** Since when it is true, as far as is known. */
  validFrom: number;
  /** Until when it was true; null: it still is. */
  validTo: number | null;
  /** The id of the fact that replaced it. */
  supersededBy: string | null;
  /** The messages it comes from; empty for a fact added by a user. */
  messageIds: string[];
  /** A user changed its wording. */
  edited: boolean;
  /**
   * Of little importance and not mentioned for long: left out of prompts until it is mentioned again, pinned or
   * edited.
   */
  resting: boolean;
}

/** The facts that `character` remembers, newest first. `more`: there are further ones. */
export interface FactsView {
  /** The facts. */
  items: FactView[];
  /** There are further facts: ask again with a larger `limit`. */
  more: boolean;
}

/** How close a character and a user are. Each number is 0..100. */
export interface RelationshipView {
  /** Overall closeness. */
  level: number;
  /** The level as a word: stranger, acquaintance, friend... */
  levelName: string;
  /** How much the user confides. */
  trust: number;
  /** How much of their feelings is shared. */
  intimacy: number;
  /** Number of exchanges so far. */
  interactions: number;
  /** The most frequent topics. */
  topics: string[];
  /** Experiences you share. */
  shared: string[];
  /** When you first talked; null: never. */
  since: number | null;
  /** When you last talked. */
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

/** How close you are, and how that developed. */
export interface BondView {
  /** The present state. */
  relationship: RelationshipView;
  /** One point for each day since you met, oldest first; at most 366. */
  history: RelationshipPointView[];
}

/** A memory used for a reply, and why it was chosen. */
export interface RecollectionView {
  /** The id of a fact, a message or a summary. */
  id: string;
  /** The kind of memory. */
  kind: "fact" | "message" | "summary";
  /** The recalled text; null: it was erased since. */
  text: string | null;
  /** The sender of the message; empty for facts and summaries. */
  speaker: string;
  /** The conversation it comes from; empty for a fact added by a user. */
  conversationId: string;
  /** The message's `seq` in that conversation; 0 for facts. */
  seq: number;
  /** Its time in Unix milliseconds. */
  at: number;
  /** The score it was ranked by. */
  score: number;
  /** The features that weighed most: name of the feature, contribution to the score. */
  why: Record<string, number>;
}

/** The memories a reply used, the most relevant first. */
export interface RecollectionsView {
  /** The memories. */
  items: RecollectionView[];
}

/** A message found by a search. */
export interface HitView {
  /** The whole message. */
  message: MessageView;
  /** The title of the message's conversation. */
  conversationTitle: string;
  /** The characters of that conversation. */
  characterIds: string[];
  /** The part of the message that matches. */
  snippet: string;
  /** [from, to) of the matches in `snippet`, in characters (code points). */
  marks: number[][];
}

/** The messages found, newest first. `nextCursor` continues the list; null at its end. */
export interface HitsView {
  /** The messages. */
  items: HitView[];
  /** The cursor of the next page; null on the last one. */
  nextCursor: string | null;
}

/**
 * Proof that data was erased. `signature`: Ed25519 over the JSON of all other fields but `genuine`, keys sorted,
 * without spaces, by this server's key (`publicKey` of the list of receipts).
 */
export interface ReceiptView {
  /** Starts with `rcp_`. */
  id: string;
  /** The user who had it erased. */
  userId: string;
  /** The kind of thing that was erased. */
  what: "conversation" | "fact" | "message" | "user";
  /** SHA-256 of the erased thing's id, in hex. */
  targetDigest: string;
  /** Number of things erased with it, by kind. */
  counts: Record<string, number>;
  /** When it was erased. */
  at: number;
  /** Whether its bytes are also gone from the database's files. */
  scrubbed: boolean;
  /** Base64. */
  signature: string;
}

/** Receipts, newest first. */
export interface ReceiptsView {
  /** The receipts. */
  items: ReceiptView[];
  /** This server's Ed25519 key, 32 bytes in base64. */
  publicKey: string;
}

/** The request was refused and changed nothing; `error` gives the reason and how to resolve it. */
export interface Refused {
  /** The reason, and how to resolve it. */
  error: ProblemView;
  /** Distinguishes a refusal from other answers. */
  ok: false;
}

export interface Done {
  /** The request was carried out. */
  ok: true;
}

/**
 * A new message. `clientId` is your idempotency key (any text up to 64 characters, new for every message, the
 * same when you send it again because no acknowledgement came).
 */
export interface SendMessage {
  /** The conversation to send it to. */
  conversationId: string;
  /** At most MAX_MESSAGE_LENGTH characters. */
  content: string;
  /** Only text can be sent so far. */
  type?: "text";
  /** The idempotency key. */
  clientId?: string | null;
}

/** The message is on disk and will be answered. `duplicate`: it was stored by an earlier attempt. */
export interface MessageAccepted {
  /** As stored, with its `seq` and the turns that will answer it. */
  message: MessageView;
  /** It was stored before; this request wrote nothing. */
  duplicate: boolean;
  /** It is on disk. */
  ok: true;
}

/** Stop the reply in progress and those waiting; without `turnId` all of the conversation. */
export interface StopTurn {
  /** The conversation in which replies are stopped. */
  conversationId: string;
  /** Only this turn. */
  turnId?: string | null;
}

/** How many turns are being stopped. Each still ends with its own `character:response` (phase `stopped`). */
export interface Stopping {
  /** 0 when no reply was in progress. */
  stopped: number;
  /** The turns are being stopped. */
  ok: true;
}

/** Answer this message again after its turn failed, or was stopped before any text. */
export interface RetryMessage {
  /** A user's message. */
  messageId: string;
}

export interface InConversation {
  /** The conversation's id. */
  conversationId: string;
}

/**
 * Subscribe to a conversation and first get the missed messages: every message after `lastSeq` as
 * `message:received`, older ones that changed since `lastRevision` as `message:updated`. Without `lastSeq` no
 * messages are sent.
 *
 * A reply in progress comes as `character:response`: `started` and a `delta` from the first character on. If you
 * already have `offset` characters of turn `turnId`, there is no `started` but a `delta` that continues from
 * there; if the turn was restarted meanwhile, your text is void, and `started` says so.
 */
export interface JoinConversation {
  /** The conversation's id. */
  conversationId: string;
  /** You have everything up to this `seq`; 0 sends the whole conversation. */
  lastSeq?: number | null;
  /** The newest `revision` you have seen in this conversation. */
  lastRevision?: number | null;
  /** The turn you were receiving when the connection broke. */
  turnId?: string | null;
  /** How many characters (code points) of its text you have. */
  offset?: number;
}

/**
 * `missed` messages were sent before this. `more`: the gap was too large; fetch the rest over REST from
 * `broughtSeq` on.
 */
export interface Joined {
  /** Its present state. */
  conversation: ConversationView;
  /** How many `message:received` came before this. */
  missed: number;
  /** You have everything up to this `seq`. */
  broughtSeq: number;
  /** There are later messages that were not sent. */
  more: boolean;
  /** You get its events from now on. */
  ok: true;
}

/** Everything up to this `seq` has been seen; without `upToSeq` every message so far. */
export interface ReadMessages {
  /** The conversation's id. */
  conversationId: string;
  /** The newest `seq` on the screen. */
  upToSeq?: number | null;
}

export interface MessageUpdated {
  /** Its present state; replaces the one with this id. */
  message: MessageView;
}

/** `by` (a user or a character) has every message up to `upToSeq` that they did not write themselves. */
export interface Receipt {
  /** The conversation's id. */
  conversationId: string;
  /** The reader: a user or a character. */
  by: string;
  /** The newest `seq` that reached them. */
  upToSeq: number;
  /** When it happened. */
  at: number;
  /** The conversation's revision after it. */
  revision: number;
}

/** Sent to the other participants: a user's own devices do not get it. */
export interface TypingIndicator {
  /** The conversation's id. */
  conversationId: string;
  /** The user or character that is typing. */
  userId: string;
  /** True: started; false: stopped. */
  isTyping: boolean;
}

/**
 * Sent to the participants of a conversation of several users, when one arrives or leaves, and once to a socket
 * that joins. A user with several devices is present as long as one of them has joined the conversation.
 */
export interface PresenceChanged {
  /** The conversation's id. */
  conversationId: string;
  /** The ids of all present users, you included: those with a device connected to this node. */
  present: string[];
}

/**
 * The progress of one turn. `started`, any number of `delta` and `stalled`, then exactly one of `completed`,
 * `stopped`, `failed`. A second `started` with the same `turnId` voids the text before it (the turn was
 * restarted).
 *
 * delta: `text` follows the first `offset` characters (code points). stalled: no text came for `waitedMs`.
 * completed, stopped: `message` is the reply as stored (left out when stopped before any text). failed: `code`,
 * `sentence`, and `turn.partial`. The three last phases carry `turn`. Fields that do not belong to a phase are
 * left out.
 */
export interface CharacterResponse {
  /** The step of the turn. */
  phase: "completed" | "delta" | "failed" | "stalled" | "started" | "stopped";
  /** The conversation's id. */
  conversationId: string;
  /** The turn's id. */
  turnId: string;
  /** The message being answered. */
  messageId: string;
  /** The character that answers. */
  characterId: string;
  /** delta: more of the reply. */
  text?: string | null;
  /** delta: how many characters (code points) came before `text`. */
  offset?: number | null;
  /** stalled: milliseconds without new text. */
  waitedMs?: number | null;
  /** completed, stopped: the reply as stored. */
  message?: MessageView | null;
  /** completed, stopped, failed: the turn's final state. */
  turn?: TurnView | null;
  /** failed: a stable code, e.g. `model_timeout`. */
  code?: string | null;
  /** failed: a sentence for people. */
  sentence?: string | null;
}

/** A character's facts about you changed. */
export interface MemoryUpdated {
  /** The conversation the change comes from. */
  conversationId: string;
  /** The character that remembers. */
  characterId: string;
  /** The user the facts are about: you. */
  userId: string;
  /** Ids of new facts. */
  learnt: string[];
  /** Ids of facts that were reinforced, closed or reworded. */
  changed: string[];
  /** Ids of facts that were removed. */
  gone: string[];
}

/** The relationship between a character and you changed. */
export interface RelationshipUpdated {
  /** The conversation in which it changed. */
  conversationId: string;
  /** The character. */
  characterId: string;
  /** The user: you. */
  userId: string;
  /** Its present state. */
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
