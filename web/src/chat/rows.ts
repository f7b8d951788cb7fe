/** What stands under what in a chat: pure, from the log to the lines that are drawn. */

import type { Live, Log, Pending } from "../state";
import { daysBetween } from "../time";
import type { MessageView, TurnView } from "../wire";

export type Row =
  | { kind: "opening"; key: string }
  | { kind: "day"; key: string; at: number }
  | { kind: "new"; key: string }
  | { kind: "message"; key: string; message: MessageView; opens: boolean; first: boolean; stopped: boolean }
  | { kind: "unanswered"; key: string; message: MessageView; turn: TurnView }
  | { kind: "live"; key: string; live: Live }
  | { kind: "waiting"; key: string; characterId: string }
  | { kind: "typing"; key: string; who: string }
  | { kind: "pending"; key: string; pending: Pending };

const PAUSE_MS = 5 * 60_000;

/**
 * What has been said. `newFrom`: the seq from which on messages were unread when the conversation was opened; 0 for none.
 */
export function saidRows(messages: readonly MessageView[], newFrom: number): Row[] {
  const rows: Row[] = [];
  if ((messages[0]?.seq ?? 1) === 1) rows.push({ kind: "opening", key: "opening" });
  const stopped = stoppedReplies(messages);
  let before: MessageView | null = null;
  for (const message of messages) {
    const sameDay = before !== null && daysBetween(before.createdAt, message.createdAt) === 0;
    if (!sameDay) rows.push({ kind: "day", key: `day ${message.seq}`, at: message.createdAt });
    if (message.seq === newFrom) rows.push({ kind: "new", key: "new" });
    const opens = !sameDay || before === null || !isOneBreath(before, message);
    const first = message.seq === 1 && message.senderType === "character";
    rows.push({ kind: "message", key: keyOf(message), message, opens, first, stopped: stopped.has(message.id) });
    for (const turn of message.turns) {
      if (isUnanswered(turn)) rows.push({ kind: "unanswered", key: `turn ${turn.id}`, message, turn });
    }
    before = message;
  }
  return rows;
}

/** What comes after the last message: replies being spoken or awaited, and words on their way. */
export function comingRows(log: Log, pending: readonly Pending[], me: string): Row[] {
  const rows: Row[] = [];
  const liveReplies = log.liveReplies.filter((live) => !hasReply(log, live.messageId, live.characterId));
  for (const live of liveReplies) rows.push({ kind: "live", key: replyKey(live.messageId, live.characterId), live });
  const heard = new Set(liveReplies.map((live) => live.characterId));
  for (const turn of log.messages.flatMap((message) => message.turns)) {
    if (turn.state !== "pending" || heard.has(turn.characterId)) continue;
    if (hasReply(log, turn.messageId, turn.characterId)) continue;
    heard.add(turn.characterId);
    const key = replyKey(turn.messageId, turn.characterId);
    rows.push({ kind: "waiting", key, characterId: turn.characterId });
  }
  for (const who of log.typing) {
    if (who !== me && !heard.has(who)) rows.push({ kind: "typing", key: `typing ${who}`, who });
  }
  for (const each of pending) rows.push({ kind: "pending", key: `client ${each.clientId}`, pending: each });
  return rows;
}

/** The newest message that `me` wrote and may still change. */
export function lastOwn(log: Log, me: string): MessageView | undefined {
  return log.messages.findLast((each) => each.senderType === "user" && each.senderId === me && each.deletedAt === null);
}

/** What is drawn keeps its key from the first word on its way to the stored message, so that it stays where it is. */
function keyOf(message: MessageView): string {
  if (message.clientId !== null) return `client ${message.clientId}`;
  return message.replyTo === null ? message.id : replyKey(message.replyTo, message.senderId);
}

const replyKey = (messageId: string, characterId: string): string => `reply ${messageId} ${characterId}`;

function hasReply(log: Log, messageId: string, characterId: string): boolean {
  return log.messages.some((each) => each.replyTo === messageId && each.senderId === characterId);
}

function isOneBreath(before: MessageView, message: MessageView): boolean {
  return before.senderId === message.senderId && message.createdAt - before.createdAt < PAUSE_MS;
}

function isUnanswered(turn: TurnView): boolean {
  return turn.state === "failed" || (turn.state === "stopped" && turn.replyId === null);
}

function stoppedReplies(messages: readonly MessageView[]): ReadonlySet<string> {
  const turns = messages.flatMap((message) => message.turns);
  return new Set(turns.flatMap((turn) => (turn.state === "stopped" && turn.replyId !== null ? [turn.replyId] : [])));
}
