import { useAppData } from "../appState";
import type { ConversationView } from "../wire";
import styles from "./Company.module.css";

/** Who else has the conversation open; nothing where a person is alone with their characters. */
export function Company({ conversation }: { conversation: ConversationView }) {
  const me = useAppData((state) => state.me);
  const present = useAppData((state) => state.logs.get(conversation.id)?.present);
  const others = conversation.userIds.filter((id) => id !== me);
  if (others.length === 0 || present === undefined) return null;
  const here = others.filter((id) => present.includes(id)).length;
  return (
    <p className={styles["company"]} data-here={here > 0}>
      {inWords(here, others.length)}
    </p>
  );
}

export function inWords(here: number, others: number): string {
  if (others === 1) return here === 1 ? "The other person is here" : "The other person is away";
  if (here === 0) return "Nobody else is here";
  return here === others ? "Everybody is here" : `${here} of ${others} others are here`;
}
