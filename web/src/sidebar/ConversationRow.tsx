import { memo, useState } from "react";
import { nameOf, useCharacter } from "../characters";
import { useApp, useAppData } from "../appState";
import { unreadOf } from "../state";
import { fullTime, shortWhen } from "../time";
import type { ConversationView } from "../wire";
import { Avatar } from "../ui/Avatar";
import { Link } from "../ui/Link";
import { Menu } from "../ui/Menu";
import { plainText } from "../chat/plain";
import { ForgetDialog } from "./ForgetDialog";
import { rename, useDeeds } from "./deeds";
import { TitleInput } from "./TitleInput";
import styles from "./ConversationRow.module.css";

interface Props {
  conversation: ConversationView;
  isCurrent: boolean;
}

export const ConversationRow = memo(function ConversationRow({ conversation, isCurrent }: Props) {
  const app = useApp();
  const [doing, setDoing] = useState<"renaming" | "forgetting" | null>(null);
  const character = useCharacter(conversation.characterIds[0]);
  const unread = useAppData((state) => unreadOf(state, conversation));
  const speaking = useAppData((state) => (state.logs.get(conversation.id)?.liveReplies.length ?? 0) > 0);
  const choices = useDeeds(conversation, { onRename: () => setDoing("renaming"), onForget: () => setDoing("forgetting") });
  const name = nameOf(character);
  const title = conversation.title || name;
  const at = conversation.lastMessageAt ?? conversation.createdAt;
  return (
    <li className={`${styles["row"]} ${isCurrent ? styles["current"] : ""}`}>
      <Link
        to={`/talk/${conversation.id}`}
        className={styles["link"]}
        aria-current={isCurrent ? "page" : undefined}
        aria-label={label(title, name, unread)}
      >
        <Avatar name={name} src={character?.avatar} accent={character?.accent} size="m" />
        <span className={styles["words"]}>
          <span className={styles["top"]}>
            <span className={`${styles["title"]} ${unread > 0 ? styles["fresh"] : ""}`}>{title}</span>
            <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
              {shortWhen(at, Date.now())}
            </time>
          </span>
          <span className={styles["bottom"]}>
            <span className={styles["preview"]}>
              {speaking ? <em>{name} is writing…</em> : plainText(conversation.lastMessagePreview) || "Nothing said yet"}
            </span>
            {unread > 0 && <span className={styles["unread"]}>{unread > 99 ? "99+" : unread}</span>}
          </span>
        </span>
      </Link>
      {doing === "renaming" ? (
        <TitleInput
          className={styles["rename"] ?? ""}
          title={title}
          onDone={(next) => {
            setDoing(null);
            if (next !== null) void rename(app, conversation.id, next);
          }}
        />
      ) : (
        <Menu label={`More about “${title}”`} choices={choices} className={styles["menu"] ?? ""} />
      )}
      {doing === "forgetting" && (
        <ForgetDialog conversation={conversation} leave={isCurrent} onClose={() => setDoing(null)} />
      )}
    </li>
  );
});

function label(title: string, name: string, unread: number): string {
  const who = title === name ? "" : `, with ${name}`;
  return `${title}${who}${unread > 0 ? `, ${unread} unread` : ""}`;
}
