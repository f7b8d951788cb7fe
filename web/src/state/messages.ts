/** How two tellings of the same message become one. */

import type { MessageView, TurnView } from "../wire";
import type { ReceiptHeard } from "./types";

/** The telling with the higher `revision` wins; what is known of turns never goes backwards. */
export function merged(known: MessageView, told: MessageView): MessageView {
  if (told.revision < known.revision) return known;
  const turns = mergedTurns(told.turns, known.turns, told.revision === known.revision);
  return turns === told.turns ? told : { ...told, turns };
}

/** `told` attempts are newer by number; a turn that is over stays over. */
export function laterTurn(known: TurnView, told: TurnView): TurnView {
  if (told.attempt !== known.attempt) return told.attempt > known.attempt ? told : known;
  return known.state === "pending" ? told : known;
}

export function withTurn(message: MessageView, turn: TurnView): MessageView {
  const turns = mergedTurns(message.turns, [turn], true);
  return turns === message.turns ? message : { ...message, turns };
}

/**
 * `receipt` may come late or again: it tells nothing to a message of a later revision. That stays as it is, so
 * that a whole telling which the receipt overtook is still taken (and the receipt laid over it again).
 */
export function withReceipt(message: MessageView, receipt: ReceiptHeard): MessageView {
  const concerns =
    message.seq <= receipt.upToSeq &&
    message.senderId !== receipt.by &&
    message.revision <= receipt.revision &&
    message.deletedAt === null;
  if (!concerns || message.status === "read") return message;
  if (receipt.kind === "delivered") {
    if (message.status === "delivered") return message;
    return { ...message, status: "delivered", deliveredAt: receipt.at };
  }
  const deliveredAt = message.deliveredAt ?? receipt.at;
  return { ...message, status: "read", readAt: receipt.at, deliveredAt };
}

function mergedTurns(base: TurnView[], other: TurnView[], union: boolean): TurnView[] {
  let turns = base;
  for (const turn of other) {
    const index = turns.findIndex((each) => each.characterId === turn.characterId);
    const known = turns[index];
    if (known === undefined) {
      if (union) turns = [...turns, turn];
      continue;
    }
    const later = laterTurn(known, turn);
    if (later !== known) turns = turns.with(index, later);
  }
  return turns;
}
