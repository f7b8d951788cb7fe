import { useEffect, useState, type FormEvent } from "react";
import { useApp } from "../appState";
import { asProblem } from "../problem";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import styles from "./Leaving.module.css";

/** What characters call the person who is signed in. */
export function YourName() {
  const { api, notices } = useApp();
  const [kept, setKept] = useState("");
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    api.me().then(
      (me) => {
        const chosen = me.nameChosen ? me.name : "";
        setKept(chosen);
        setName((typed) => typed || chosen);
      },
      (error: unknown) => setProblem(asProblem(error).sentence),
    );
  }, [api]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const me = await api.setName(name.trim());
      setKept(me.name);
      setName(me.name);
      setProblem(null);
      notices.tell(`They call you ${me.name} from now on.`);
    } catch (error) {
      setProblem(asProblem(error).sentence);
    }
    setBusy(false);
  };
  return (
    <section>
      <h3>Your name</h3>
      <form className={styles["name"]} onSubmit={(event) => void save(event)}>
        <TextField
          label="What characters call you"
          placeholder="Not said yet"
          autoComplete="nickname"
          maxLength={120}
          value={name}
          problem={problem}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" busy={busy} disabled={name.trim() === "" || name.trim() === kept}>
          Save
        </Button>
      </form>
    </section>
  );
}
