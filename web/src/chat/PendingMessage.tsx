import { memo } from "react";
import { Clock } from "lucide-react";
import { useApp, useAppData } from "../appState";
import type { Pending } from "../state";
import { Button } from "../ui/Button";
import { Prose } from "./Prose";
import styles from "./Message.module.css";

/** Words on their way. Refused ones say why, and can be sent again or taken back. */
export const PendingMessage = memo(function PendingMessage({ pending }: { pending: Pending }) {
  const { line } = useApp();
  const isLost = useAppData((state) => state.line !== "online");
  const { problem } = pending;
  return (
    <article className={`${styles["own"]} ${styles["opens"]}`} aria-label="You, not sent yet">
      <div className={`${styles["bubble"]} ${problem ? styles["refused"] : styles["going"]}`}>
        <Prose text={pending.content} className={styles["voice"]} />
        {problem === null && (
          <p className={styles["under"]}>
            {isLost ? "waits for the connection" : "sending"}
            <span className={styles["ticks"]}>
              <Clock size={13} aria-hidden="true" />
            </span>
          </p>
        )}
      </div>
      {problem && (
        <div className={styles["refusal"]} role="alert">
          <p>{problem.sentence}</p>
          <Button look="bad" onClick={() => line.outbox.again(pending)}>
            Send again
          </Button>
          <Button look="bare" onClick={() => line.outbox.withdraw(pending.clientId)}>
            Discard
          </Button>
        </div>
      )}
    </article>
  );
});
