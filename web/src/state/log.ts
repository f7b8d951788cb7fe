/** One conversation's log: what is held of it, and how tellings of it, in any order and number, are put together. */

import type { Joined, MessageView, TurnView } from "../wire";
import { endLiveReplies, settledLiveReplies } from "./liveReplies";
import { merged, withReceipt, withTurn } from "./messages";
import type { Log, Page, ReceiptHeard } from "./types";

const STRAYS_KEPT = 500;
const RECEIPTS_KEPT = 100;
const ENDED_KEPT = 100;

export const EMPTY_LOG: Log = {
  messages: [],
  newest: 0,
  revision: 0,
  joined: false,
  liveReplies: [],
  ended: new Map(),
  strays: new Map(),
  receipts: [],
  typing: [],
  present: [],
};

export const firstSeq = (log: Log): number => log.messages[0]?.seq ?? 1;
export const lastSeq = (log: Log): number => log.messages.at(-1)?.seq ?? 0;

export const hasOlder = (log: Log): boolean => firstSeq(log) > 1;

/** Newer messages exist that are not held: they have to be fetched. */
export const isBehind = (log: Log): boolean => log.newest > lastSeq(log);

export function messageById(log: Log, id: string): MessageView | undefined {
  return log.messages.findLast((message) => message.id === id);
}

/**
 * How many messages of others are not read by `me`; null where the log does not tell. Reading goes "up to", so what is
 * unread is the end of the log, and counting may stop at the first message that was read.
 */
export function countUnread(log: Log, me: string): number | null {
  if (!log.joined || isBehind(log)) return null;
  let count = 0;
  for (let at = log.messages.length - 1; at >= 0; at -= 1) {
    const message = log.messages[at]!;
    if (message.senderType === "user" && message.senderId === me) continue;
    if (message.status === "read") return count;
    if (message.deletedAt === null) count += 1;
  }
  return hasOlder(log) ? null : count;
}

/** Where messages stand aside after "continue", the one that follows has a higher seq than the next, and the last one for parent. */
function isNext(log: Log, message: MessageView): boolean {
  const last = log.messages.at(-1);
  return message.seq === lastSeq(log) + 1 || (last !== undefined && message.seq > last.seq && message.parentId === last.id);
}

export function put(log: Log, message: MessageView): Log {
  const newest = Math.max(log.newest, message.seq);
  const at = log.messages.findLastIndex((held) => held.seq === message.seq);
  const known = log.messages[at];
  if (known !== undefined) {
    const now = merged(known, message);
    return { ...log, newest, messages: replaced(log, at, now === known ? known : laid(log, now)) };
  }
  if (!isNext(log, message)) return { ...log, newest, strays: strayed(log, message) };
  const grown = { ...log, newest, messages: [...log.messages, laid(log, message)] };
  return withStrayNext(grown);
}

/** `put`, and what the message tells of turns: those that are over no longer speak. */
export function hear(log: Log, message: MessageView): Log {
  return endLiveReplies(put(log, message), message.turns);
}

export function putPage(log: Log | undefined, page: Page, reach: "newest" | "before" | "after"): Log {
  const held = log ?? EMPTY_LOG;
  const first = page.items[0]?.seq ?? 1;
  const newest = Math.max(held.newest, page.conversation.lastSeq);
  if (reach === "newest" && (held.messages.length === 0 || first > lastSeq(held) + 1)) {
    return restarted({ ...held, newest }, page);
  }
  const joined = { ...held, newest };
  if (reach !== "before") return page.items.reduce(hear, joined);
  const ahead = page.items.filter((message) => message.seq < firstSeq(held));
  const before = ahead.at(-1);
  if (before?.seq !== firstSeq(held) - 1 && before?.id !== held.messages[0]?.parentId) return joined;
  return { ...joined, messages: [...ahead.map((message) => laid(held, message)), ...held.messages] };
}

export function putReceipt(log: Log, receipt: ReceiptHeard): Log {
  const messages = log.messages.map((message) => withReceipt(message, receipt));
  const changed = messages.some((message, at) => message !== log.messages[at]);
  const receipts = [...log.receipts, receipt].slice(-RECEIPTS_KEPT);
  return { ...log, receipts, messages: changed ? messages : log.messages };
}

/** A turn is over: its message knows how, now or when it comes to be held. */
export function putEnd(log: Log, turn: TurnView): Log {
  const ended = bounded(new Map(log.ended).set(turn.id, turn), ENDED_KEPT);
  const at = log.messages.findLastIndex((message) => message.id === turn.messageId);
  const message = log.messages[at];
  const messages = message === undefined ? log.messages : replaced(log, at, withTurn(message, turn));
  return endLiveReplies({ ...log, ended, messages }, [turn]);
}

export function heardUpTo(log: Log, revision: number): Log {
  return log.joined && revision > log.revision ? { ...log, revision } : log;
}

/** A re-join is complete. */
export function putJoined(log: Log, joined: Joined): Log {
  return {
    ...log,
    newest: Math.max(log.newest, joined.conversation.lastSeq),
    revision: joined.more ? log.revision : Math.max(log.revision, joined.conversation.revision),
    joined: !joined.more,
    liveReplies: settledLiveReplies(log.liveReplies),
  };
}

function restarted(log: Log, page: Page): Log {
  const messages = page.items.map((message) => laid(log, message));
  const whole: Log = { ...log, messages, revision: page.conversation.revision, joined: false };
  return withStrayNext(messages.reduce((held, message) => endLiveReplies(held, message.turns), whole));
}

/** The message as it stands after everything that has been heard of it. */
function laid(log: Log, message: MessageView): MessageView {
  const stray = log.strays.get(message.id);
  let now = stray === undefined ? message : merged(message, stray);
  for (const turn of now.turns) {
    const end = log.ended.get(turn.id);
    if (end !== undefined) now = withTurn(now, end);
  }
  for (const receipt of log.receipts) now = withReceipt(now, receipt);
  return now;
}

function withStrayNext(log: Log): Log {
  let held = log;
  for (;;) {
    const next = [...held.strays.values()].find((stray) => isNext(held, stray));
    if (next === undefined) return held;
    held = { ...held, messages: [...held.messages, laid(held, next)] };
  }
}

function strayed(log: Log, message: MessageView): ReadonlyMap<string, MessageView> {
  const known = log.strays.get(message.id);
  const strays = new Map(log.strays);
  strays.delete(message.id);
  return bounded(strays.set(message.id, known === undefined ? message : merged(known, message)), STRAYS_KEPT);
}

function bounded<T>(map: Map<string, T>, size: number): Map<string, T> {
  for (const oldest of map.keys()) {
    if (map.size <= size) break;
    map.delete(oldest);
  }
  return map;
}

function replaced(log: Log, at: number, message: MessageView): readonly MessageView[] {
  return message === log.messages[at] ? log.messages : log.messages.with(at, message);
}
