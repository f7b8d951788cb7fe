import { memo } from "react";
import { LifeBuoy } from "lucide-react";
import type { MessageView } from "../wire";
import { linked } from "./links";
import styles from "./Message.module.css";

/** A line of the house, nobody's words: where to find help. Its numbers can be called, its site opens beside the page. */
export const HouseNote = memo(function HouseNote({ message }: { message: MessageView }) {
  if (message.deletedAt !== null) return null;
  return (
    <aside className={styles["note"]} role="note" aria-label="A note from Everkin" dir="auto">
      <LifeBuoy size={20} aria-hidden="true" />
      <p>
        {linked(message.content).map((part, at) =>
          part.href === null ? (
            part.text
          ) : part.href.startsWith("tel:") ? (
            <a key={at} href={part.href}>
              {part.text}
            </a>
          ) : (
            <a key={at} href={part.href} target="_blank" rel="noopener noreferrer">
              {part.text}
            </a>
          ),
        )}
      </p>
    </aside>
  );
});
