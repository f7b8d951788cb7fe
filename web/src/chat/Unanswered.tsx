import { memo, useState } from "react";
import { RotateCw } from "lucide-react";
import { useCharacter } from "../characters";
import { useApp } from "../appState";
import { Problem } from "../problem";
import type { MessageView, ProblemView, TurnView } from "../wire";
import { Avatar } from "../ui/Avatar";
import { Button } from "../ui/Button";
import { Prose } from "./Prose";
import styles from "./Message.module.css";

/** A turn that failed, or was stopped before a word: in its place, with what had arrived and a way to try again. */
export const Unanswered = memo(function Unanswered({ turn, message }: { turn: TurnView; message: MessageView }) {
  const app = useApp();
  const character = useCharacter(turn.characterId);
  const [busy, setBusy] = useState(false);
  const name = character?.name ?? "The character";
  const failed = turn.state === "failed";
  const again = async () => {
    setBusy(true);
    try {
      await app.line.retry(message.id);
    } catch (error) {
      const refused = (error as { refused?: ProblemView }).refused;
      app.notices.fail(refused ? new Problem(409, refused) : error);
      setBusy(false);
    }
  };
  return (
    <div className={`${styles["theirs"]} ${styles["opens"]}`}>
      <Avatar name={name} src={character?.avatar} accent={character?.accent} size="s" />
      <div className={styles["said"]}>
        <p className={styles["by"]}>
          <b>{name}</b> <span>{failed ? "did not finish" : "was stopped before a word"}</span>
        </p>
        {turn.partial !== "" && <Prose text={turn.partial} className={styles["partial"]} />}
        <div className={failed ? styles["failure"] : styles["silence"]} data-failure={turn.errorCode ?? undefined}>
          {failed && <p>{turn.errorSentence ?? "Something went wrong. Your message is safe; send it again."}</p>}
          <Button look={failed ? "bad" : "soft"} busy={busy} onClick={() => void again()}>
            <RotateCw size={16} aria-hidden="true" />
            {failed ? "Send again" : "Ask again"}
          </Button>
        </div>
      </div>
    </div>
  );
});
