import { memo } from "react";
import { dayName } from "../time";
import type { CharacterView, ConversationView } from "../wire";
import { LiveReply, SomebodyTypes } from "./LiveReply";
import { MessageRow } from "./MessageRow";
import { Opening } from "./Opening";
import { PendingMessage } from "./PendingMessage";
import type { Row } from "./rows";
import styles from "./RowView.module.css";
import { Unanswered } from "./Unanswered";

/** What all rows of a chat share. `character`: the first of the conversation. */
export interface RowContext {
  conversation: ConversationView;
  character: CharacterView | null;
  me: string;
  editing: string | null;
  onEdit: (id: string | null) => void;
}

export const RowView = memo(function RowView({ row, context }: { row: Row; context: RowContext }) {
  switch (row.kind) {
    case "opening":
      return <Opening character={context.character} />;
    case "day":
      return (
        <p className={styles["day"]}>
          <span>{dayName(row.at, Date.now())}</span>
        </p>
      );
    case "new":
      return (
        <p className={styles["new"]}>
          <span>New</span>
        </p>
      );
    case "message":
      return <MessageRow row={row} context={context} />;
    case "unanswered":
      return <Unanswered turn={row.turn} message={row.message} />;
    case "live":
      return <LiveReply live={row.live} />;
    case "waiting":
      return <SomebodyTypes who={row.characterId} />;
    case "typing":
      return <SomebodyTypes who={row.who} />;
    case "pending":
      return <PendingMessage pending={row.pending} />;
  }
});
