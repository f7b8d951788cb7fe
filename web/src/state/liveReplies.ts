/** Replies while they are spoken. */

import type { CharacterResponse, TurnView } from "../wire";
import type { Live, Log } from "./types";

const WHOLE = { renewed: false, torn: false, untold: false, stalledMs: 0 };

/** `response` is `started`, `delta` or `stalled`; one of a turn that is known to be over says nothing. */
export function putLiveReply(log: Log, response: CharacterResponse): Log {
  if (isOver(log, response)) return log;
  const known = log.liveReplies.find((live) => live.turnId === response.turnId);
  const live = spoken(known ?? silent(response), response);
  const liveReplies = known === undefined ? [...log.liveReplies, live] : log.liveReplies.map((each) => (each === known ? live : each));
  return { ...log, liveReplies };
}

/** Ends the lives that these turns show to be over, or to have been followed by another attempt. */
export function endLiveReplies(log: Log, turns: readonly TurnView[]): Log {
  const liveReplies = log.liveReplies.filter((live) => !turns.some((turn) => ends(turn, live)));
  return liveReplies.length === log.liveReplies.length ? log : { ...log, liveReplies };
}

/** The line is lost: until the log is joined again, nothing can be added to what was heard. */
export function interruptLiveReplies(log: Log): Log {
  return { ...log, joined: false, typing: [], present: [], liveReplies: log.liveReplies.map((live) => ({ ...live, torn: true })) };
}

/**
 * After a re-join, which brings replies from their first word: one that was not mentioned is no longer spoken, and one of
 * which only the start was told has said nothing (yet, since it was taken up again).
 */
export function settledLiveReplies(liveReplies: readonly Live[]): readonly Live[] {
  return liveReplies
    .filter((live) => !live.torn)
    .map((live) => (live.untold ? { ...live, text: "", length: 0, renewed: false, untold: false } : live));
}

function ends(turn: TurnView, live: Live): boolean {
  if (turn.id === live.turnId) return turn.state !== "pending";
  return turn.messageId === live.messageId && turn.characterId === live.characterId && turn.id > live.turnId;
}

function isOver(log: Log, response: CharacterResponse): boolean {
  if (log.ended.has(response.turnId)) return true;
  const asked = log.messages.findLast((message) => message.id === response.messageId);
  const turn = asked?.turns.find((each) => each.characterId === response.characterId);
  if (turn === undefined) return false;
  return turn.id === response.turnId ? turn.state !== "pending" : turn.id > response.turnId;
}

function silent(response: CharacterResponse): Live {
  const { turnId, messageId, characterId } = response;
  return { turnId, messageId, characterId, text: "", length: 0, ...WHOLE };
}

function spoken(live: Live, response: CharacterResponse): Live {
  if (response.phase === "stalled") return { ...live, stalledMs: response.waitedMs ?? 0 };
  if (response.phase === "started") {
    return { ...live, ...WHOLE, renewed: live.length > 0, untold: live.torn || live.untold };
  }
  const text = response.text ?? "";
  const offset = response.offset ?? 0;
  if (live.renewed && offset === 0) {
    return { ...live, ...WHOLE, text, length: codePoints(text) };
  }
  if (offset > live.length) return { ...live, torn: true, renewed: false };
  const fresh = Array.from(text).slice(live.length - offset);
  return { ...live, ...WHOLE, text: live.text + fresh.join(""), length: live.length + fresh.length };
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
