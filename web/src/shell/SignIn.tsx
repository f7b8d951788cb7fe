import { useState, type FormEvent } from "react";
import { useApp } from "../appState";
import { asProblem } from "../problem";
import { useStore } from "../store";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Wordmark } from "./Wordmark";
import styles from "./SignIn.module.css";

/** `why`: the sentence with which the sign-in key of the address was refused. */
export function SignIn({ why }: { why: string | null }) {
  const { session, about } = useApp();
  const mayJoin = useStore(about, (now) => now?.signup ?? false);
  const takesKeys = useStore(about, (now) => now?.localSignIn ?? false);
  const [joining, setJoining] = useState(false);
  const [problem, setProblem] = useState(why);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setProblem(null);
    try {
      if (joining) await session.signUp(text("login"), text("password"), text("name"));
      else await session.signIn(text("login"), text("password"));
    } catch (error) {
      setProblem(asProblem(error).sentence);
      setBusy(false);
    }
  };

  return (
    <main className={styles["room"]}>
      <form className={styles["card"]} onSubmit={(event) => void submit(event)}>
        <Wordmark large />
        <h1>{joining ? "Make yourself at home" : "Welcome back"}</h1>
        {joining && <TextField label="What characters call you" name="name" autoComplete="nickname" />}
        <TextField label="Name you sign in with" name="login" autoComplete="username" autoCapitalize="none" required />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete={joining ? "new-password" : "current-password"}
          required
        />
        {problem && (
          <p className={styles["problem"]} role="alert">
            {problem}
          </p>
        )}
        <Button look="main" type="submit" busy={busy}>
          {joining ? "Create account" : "Sign in"}
        </Button>
        {mayJoin && (
          <Button look="bare" onClick={() => setJoining(!joining)}>
            {joining ? "I have an account" : "Create an account"}
          </Button>
        )}
        {takesKeys && (
          <p className={styles["here"]}>
            At the machine Everkin runs on you need no password: open the address it printed when it started, or run{" "}
            <code>everkin link</code> there for a fresh one.
          </p>
        )}
      </form>
    </main>
  );
}
