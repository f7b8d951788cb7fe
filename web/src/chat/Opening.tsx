import type { CharacterView } from "../wire";
import { Avatar } from "../ui/Avatar";
import { filled } from "./macros";
import styles from "./Opening.module.css";

/** The first leaf of a conversation, like a chapter's. */
export function Opening({ character }: { character: CharacterView | null }) {
  if (character === null) return <div />;
  const { name, avatar, accent, tagline, scenario } = character;
  return (
    <header className={styles["opening"]}>
      <Avatar name={name} src={avatar} accent={accent} size="l" />
      <h2>{name}</h2>
      {(scenario || tagline) && <p className={styles["scene"]}>{filled(scenario || tagline, name)}</p>}
      <p className={styles["fine"]}>{name} is an AI character. What they say is made up by a language model.</p>
    </header>
  );
}
