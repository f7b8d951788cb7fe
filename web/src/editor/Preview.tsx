import { useDeferredValue } from "react";
import type { CharacterDraft } from "../rest";
import { Avatar } from "../ui/Avatar";
import { Prose } from "../chat/Prose";
import { filled } from "../chat/macros";
import message from "../chat/Message.module.css";
import styles from "./Editor.module.css";

/** How a conversation with them will open. */
export function Preview({ draft, portrait }: { draft: CharacterDraft; portrait: string }) {
  const name = draft.name || "Their name";
  const greeting = useDeferredValue(draft.firstMessage) || "*Here stands the first thing they say, as you write it.*";
  return (
    <aside className={styles["preview"]} aria-label="Preview">
      <div className={styles["page"]}>
        <Avatar name={draft.name || "?"} src={portrait} accent={draft.accent} size="l" />
        <h2>{name}</h2>
        <p className={styles["line"]}>{draft.tagline || "In one line, what draws one in"}</p>
        <div className={styles["greeting"]}>
          <Prose text={filled(greeting, name)} className={message["first"]} />
        </div>
      </div>
    </aside>
  );
}
