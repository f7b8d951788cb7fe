import { memo } from "react";
import { nameOf, useCharacter } from "../characters";
import type { Live } from "../state";
import { Avatar } from "../ui/Avatar";
import { Dots } from "../ui/Rest";
import { closed } from "./closed";
import { Prose } from "./Prose";
import styles from "./Message.module.css";

/** Nothing for so long is worth a word. */
const SLOW_MS = 8000;

export const LiveReply = memo(function LiveReply({ live }: { live: Live }) {
  const character = useCharacter(live.characterId);
  const name = nameOf(character);
  if (live.text === "") return <SomebodyTypes who={live.characterId} slow={live.stalledMs >= SLOW_MS} />;
  return (
    <article className={`${styles["theirs"]} ${styles["opens"]}`} aria-label={`${name}, writing`} aria-busy="true">
      <Avatar name={name} src={character?.avatar} accent={character?.accent} size="s" />
      <div className={styles["said"]}>
        <p className={styles["by"]}>
          <b>{name}</b> <span>writing</span>
        </p>
        <Prose text={closed(live.text)} className={styles["live"]} />
        {live.stalledMs >= SLOW_MS && <p className={styles["mark"]}>The words are slow to come…</p>}
      </div>
    </article>
  );
});

/** Somebody whose words cannot be seen yet: a character who thinks, another person who types. */
export function SomebodyTypes({ who, slow = false }: { who: string; slow?: boolean }) {
  const character = useCharacter(who.startsWith("chr_") ? who : undefined);
  const name = character?.name ?? "Somebody";
  return (
    <div className={`${styles["theirs"]} ${styles["opens"]}`}>
      <Avatar name={name} src={character?.avatar} accent={character?.accent} size="s" />
      <div className={styles["said"]}>
        <p className={styles["by"]}>
          <b>{name}</b> <span>{slow ? "is still thinking" : "is thinking"}</span>
        </p>
        <p className={styles["thinking"]}>
          <Dots />
        </p>
      </div>
    </div>
  );
}
