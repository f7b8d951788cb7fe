import { useState, type FormEvent } from "react";
import { useApp } from "../appState";
import { forgetKept } from "../kept";
import { asProblem } from "../problem";
import { useStore } from "../store";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { leaving } from "./proof";
import styles from "./Leaving.module.css";

export function Erase() {
  const { api, line, session } = useApp();
  const login = useStore(session.who, (who) => (who.state === "in" ? who.user.login : ""));
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const erase = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { publicKey } = await api.receipts();
      const receipt = await api.erase(typed.trim());
      leaving.set({ receipt, publicKey });
      forgetKept();
      line.stop();
    } catch (error) {
      setProblem(asProblem(error).sentence);
      setBusy(false);
    }
  };
  return (
    <section className={styles["erase"]}>
      <h3>Erase everything</h3>
      <p>
        Your conversations, everything remembered of you, your own characters and your account: gone for good, down to the bytes on
        disk. Nobody can bring it back.
      </p>
      <details>
        <summary>I want to erase everything</summary>
        <form onSubmit={(event) => void erase(event)}>
          <TextField
            label={`Type “${login}” to go on`}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={typed}
            problem={problem}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button look="bad" type="submit" busy={busy} disabled={typed.trim().toLowerCase() !== login.toLowerCase()}>
            {busy ? "Erasing…" : "Erase everything for good"}
          </Button>
        </form>
      </details>
    </section>
  );
}
