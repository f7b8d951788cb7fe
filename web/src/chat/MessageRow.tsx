import { memo, useState } from "react";
import { Check, CheckCheck, Copy, PenLine, Trash2 } from "lucide-react";
import { nameOf, useCharacter } from "../characters";
import { useApp } from "../appState";
import { clockTime, fullTime } from "../time";
import type { MessageView } from "../wire";
import { Avatar } from "../ui/Avatar";
import { Menu, type Choice } from "../ui/Menu";
import { Recalled } from "../memory/Recalled";
import { DeleteMessage } from "./DeleteMessage";
import { HouseNote } from "./HouseNote";
import { MessageEditor } from "./MessageEditor";
import { Prose } from "./Prose";
import type { Row } from "./rows";
import type { RowContext } from "./RowView";
import styles from "./Message.module.css";

interface Props {
  row: Extract<Row, { kind: "message" }>;
  context: RowContext;
}

export const MessageRow = memo(function MessageRow({ row, context }: Props) {
  const { message } = row;
  if (message.senderType === "system") return <HouseNote message={message} />;
  if (message.senderId === context.me) return <Own row={row} context={context} />;
  return <Theirs row={row} context={context} />;
});

function Theirs({ row, context }: Props) {
  const { message, opens, first, stopped } = row;
  const character = useCharacter(message.senderType === "character" ? message.senderId : undefined);
  const name = nameOf(character);
  return (
    <article className={`${styles["theirs"]} ${opens ? styles["opens"] : ""}`} aria-label={`${name}, ${clockTime(message.createdAt)}`}>
      {opens && !first && <Avatar name={name} src={character?.avatar} accent={character?.accent} size="s" />}
      <div className={styles["said"]}>
        {opens && !first && (
          <p className={styles["by"]}>
            <b>{name}</b> <Time message={message} /> <Recalled message={message} />
          </p>
        )}
        <Content message={message} context={context} className={first ? styles["first"] : undefined} />
        {!(opens && !first) && <Recalled message={message} />}
        {stopped && <p className={styles["mark"]}>You stopped {name || "them"} here.</p>}
      </div>
      <Deeds message={message} context={context} />
    </article>
  );
}

function Own({ row, context }: Props) {
  const { message, opens } = row;
  return (
    <article className={`${styles["own"]} ${opens ? styles["opens"] : ""}`} aria-label={`You, ${clockTime(message.createdAt)}`}>
      <Deeds message={message} context={context} />
      <div className={styles["bubble"]}>
        <Content message={message} context={context} className={styles["voice"]} />
        <p className={styles["under"]}>
          {message.editedAt !== null && message.deletedAt === null && "edited · "}
          <Time message={message} />
          <Ticks message={message} />
        </p>
      </div>
    </article>
  );
}

function Content({ message, context, className }: { message: MessageView; context: RowContext; className?: string | undefined }) {
  if (message.deletedAt !== null) return <p className={styles["gone"]}>This message was deleted.</p>;
  if (context.editing === message.id) return <MessageEditor message={message} onDone={() => context.onEdit(null)} />;
  return <Prose text={message.content} className={className} />;
}

function Time({ message }: { message: MessageView }) {
  return (
    <time dateTime={new Date(message.createdAt).toISOString()} title={fullTime(message.createdAt)}>
      {clockTime(message.createdAt)}
    </time>
  );
}

function Ticks({ message }: { message: MessageView }) {
  if (message.deletedAt !== null) return null;
  const words = { sent: "Sent", delivered: "Delivered", read: "Read" }[message.status];
  const at = message.readAt ?? message.deliveredAt ?? message.createdAt;
  const Picture = message.status === "sent" ? Check : CheckCheck;
  return (
    <span className={`${styles["ticks"]} ${styles[message.status]}`} title={`${words}, ${fullTime(at)}`}>
      <Picture size={15} aria-hidden="true" />
      <span className="unseen">{words}</span>
    </span>
  );
}

function Deeds({ message, context }: { message: MessageView; context: RowContext }) {
  const app = useApp();
  const [deleting, setDeleting] = useState(false);
  if (message.deletedAt !== null || context.editing === message.id) return null;
  const choices: Choice[] = [
    { label: "Copy", icon: <Copy size={17} />, act: () => void copy(message.content).then((text) => app.notices.tell(text)) },
    { label: "Edit", icon: <PenLine size={17} />, act: () => context.onEdit(message.id) },
    { label: "Delete", icon: <Trash2 size={17} />, act: () => setDeleting(true), bad: true },
  ];
  return (
    <>
      <Menu label="More about this message" choices={choices} className={styles["menu"] ?? ""} align="end" />
      {deleting && <DeleteMessage message={message} onClose={() => setDeleting(false)} />}
    </>
  );
}

async function copy(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied.";
  } catch {
    return "This browser does not allow copying here. Select the text instead.";
  }
}
