/**
 * What the page knows, and how it learns: `reduce(state, event)` is pure. Events may come twice, late, or after a fetch
 * that already contains them; the state is then the same as if everything had been fetched afresh (state.test.ts).
 */

import type { CharacterResponse, ConversationView, MemoryUpdated, MessageView } from "./wire";
import { putLiveReply, interruptLiveReplies } from "./state/liveReplies";
import { countUnread, hear, heardUpTo, isBehind, putEnd, putJoined, putPage, putReceipt } from "./state/log";
import type { Log, Pending, ReceiptHeard, State, StateEvent } from "./state/types";

export type { Line, Live, Log, Page, Pending, Remembered, State, StateEvent } from "./state/types";
export { hasOlder, isBehind, lastSeq } from "./state/log";

export const NOTHING: State = {
  me: "",
  line: "connecting",
  conversations: new Map(),
  logs: new Map(),
  pending: [],
  uncounted: new Set(),
  remembered: new Map(),
  bonds: new Map(),
};

export function reduce(state: State, event: StateEvent): State {
  switch (event.kind) {
    case "signedIn":
      return state.me === event.me ? state : { ...NOTHING, line: state.line, me: event.me };
    case "line":
      return lineIs(state, event.line);
    case "conversations":
      return event.items.reduce(withConversation, state);
    case "moved":
      return withMoved(state, event.conversation);
    case "page": {
      const id = event.page.conversation.id;
      const log = putPage(state.logs.get(id), event.page, event.reach);
      const held = withConversation(withLog(state, id, log), event.page.conversation);
      return event.page.items.reduce(withoutPending, held);
    }
    case "message":
      return withMessage(withoutPending(state, event.message), event.message, event.heard);
    case "receipt":
      return withReceipt(state, event.receipt);
    case "typing": {
      const { conversationId, userId, isTyping } = event.typing;
      return inLog(state, conversationId, (log) => {
        const others = log.typing.filter((who) => who !== userId);
        return { ...log, typing: isTyping ? [...others, userId] : others };
      });
    }
    case "presence": {
      const { conversationId, present } = event.presence;
      return inLog(state, conversationId, (log) => ({ ...log, present }));
    }
    case "response":
      return withResponse(state, event.response);
    case "joined": {
      const known = withMoved(state, event.joined.conversation);
      return inLog(known, event.joined.conversation.id, (log) => putJoined(log, event.joined));
    }
    case "remembered":
      return event.told.userId === state.me ? withMemory(state, event.told) : state;
    case "looked":
      return looked(state, event.characterId);
    case "closer": {
      const { characterId, userId, relationship } = event.told;
      return userId === state.me ? { ...state, bonds: new Map(state.bonds).set(characterId, relationship) } : state;
    }
    case "sending":
      return { ...state, pending: [...without(state.pending, event.pending.clientId), event.pending] };
    case "refused":
      return {
        ...state,
        pending: state.pending.map((each) =>
          each.clientId === event.clientId ? { ...each, problem: event.problem } : each,
        ),
      };
    case "withdrawn":
      return { ...state, pending: without(state.pending, event.clientId) };
    case "closed": {
      const logs = new Map(state.logs);
      logs.delete(event.conversationId);
      return { ...state, logs };
    }
  }
}

/**
 * Conversations that events alone no longer tell: a delta was missed, newer messages are not held, or how many are unread
 * has to be asked.
 */
export function tornConversations(state: State): { rejoin: string[]; behind: string[]; uncounted: string[] } {
  const rejoin: string[] = [];
  const behind: string[] = [];
  for (const [id, log] of state.logs) {
    if (log.liveReplies.some((live) => live.torn)) rejoin.push(id);
    if (isBehind(log)) behind.push(id);
  }
  const counted = (id: string) => {
    const log = state.logs.get(id);
    return log !== undefined && countUnread(log, state.me) !== null;
  };
  return { rejoin, behind, uncounted: [...state.uncounted].filter((id) => !counted(id)) };
}

/** Messages of others that the person has not read, counted in the log where that is held, else as last told. */
export function unreadOf(state: State, conversation: ConversationView): number {
  const log = state.logs.get(conversation.id);
  return (log && countUnread(log, state.me)) ?? conversation.unread;
}

function lineIs(state: State, line: State["line"]): State {
  if (line === state.line) return state;
  if (line === "online") return { ...state, line };
  return { ...state, line, logs: new Map([...state.logs].map(([id, log]) => [id, interruptLiveReplies(log)])) };
}

function withConversation(state: State, conversation: ConversationView): State {
  const known = state.conversations.get(conversation.id);
  if (known !== undefined && known.revision > conversation.revision) return state;
  const conversations = new Map(state.conversations).set(conversation.id, conversation);
  const uncounted = new Set(state.uncounted);
  uncounted.delete(conversation.id);
  return { ...state, conversations, uncounted };
}

function withMoved(state: State, conversation: ConversationView): State {
  const known = state.conversations.get(conversation.id);
  const next = withConversation(state, { ...conversation, unread: known?.unread ?? 0 });
  return next === state ? state : { ...next, uncounted: new Set(state.uncounted).add(conversation.id) };
}

function withMessage(state: State, message: MessageView, heard: boolean): State {
  return inLog(state, message.conversationId, (log) => {
    const next = hear(log, message);
    return heard ? heardUpTo(next, message.revision) : next;
  });
}

function withReceipt(state: State, receipt: ReceiptHeard): State {
  return inLog(state, receipt.conversationId, (log) => heardUpTo(putReceipt(log, receipt), receipt.revision));
}

function withResponse(state: State, response: CharacterResponse): State {
  const { message, turn } = response;
  const answered = message ? withMessage(state, message, true) : state;
  return inLog(answered, response.conversationId, (log) => {
    if (turn) return putEnd(log, turn);
    return putLiveReply(log, response);
  });
}

function withMemory(state: State, told: MemoryUpdated): State {
  const known = state.remembered.get(told.characterId);
  const learnt = new Set([...(known?.learnt ?? []), ...told.learnt]);
  for (const id of told.gone) learnt.delete(id);
  const next = { changes: (known?.changes ?? 0) + 1, learnt };
  return { ...state, remembered: new Map(state.remembered).set(told.characterId, next) };
}

/** The person has seen what was learnt. */
function looked(state: State, characterId: string): State {
  const known = state.remembered.get(characterId);
  if (known === undefined || known.learnt.size === 0) return state;
  return { ...state, remembered: new Map(state.remembered).set(characterId, { ...known, learnt: new Set() }) };
}

function withoutPending(state: State, message: MessageView): State {
  if (message.clientId === null || !state.pending.some((each) => isSame(each, message))) return state;
  return { ...state, pending: state.pending.filter((each) => !isSame(each, message)) };
}

const isSame = (pending: Pending, message: MessageView): boolean =>
  pending.clientId === message.clientId && pending.conversationId === message.conversationId;

const without = (pending: readonly Pending[], clientId: string): Pending[] =>
  pending.filter((each) => each.clientId !== clientId);

function inLog(state: State, id: string, change: (log: Log) => Log): State {
  const log = state.logs.get(id);
  return log === undefined ? state : withLog(state, id, change(log));
}

function withLog(state: State, id: string, log: Log): State {
  return log === state.logs.get(id) ? state : { ...state, logs: new Map(state.logs).set(id, log) };
}
