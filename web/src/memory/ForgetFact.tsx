import { useState } from "react";
import { useApp } from "../appState";
import type { FactView } from "../wire";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { sentence } from "./words";
import styles from "./Facts.module.css";

interface Props {
  fact: FactView;
  name: string;
  onClose: () => void;
  onForgotten: () => void;
}

export function ForgetFact({ fact, name, onClose, onForgotten }: Props) {
  const { api, notices } = useApp();
  const [busy, setBusy] = useState(false);
  const forget = async () => {
    setBusy(true);
    try {
      await api.forgetFact(fact.characterId, fact.id);
      onClose();
      onForgotten();
      notices.tell("Forgotten. The receipt is with your data.");
    } catch (error) {
      notices.fail(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Forget this?" onClose={onClose}>
      <div className={styles["confirm"]}>
        <blockquote>{sentence(fact.text)}</blockquote>
        <p>
          {name || "They"} will not know it any more, nor anything that was made from it, and it cannot be brought back.
          {fact.messageIds.length > 0 && " What you said stays in your conversations, but is not recalled again."}
        </p>
        <div>
          <Button look="bare" onClick={onClose}>
            Keep it
          </Button>
          <Button look="bad" busy={busy} onClick={() => void forget()}>
            Forget it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
