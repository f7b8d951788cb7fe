import { useEffect, useEffectEvent, useState } from "react";
import { useApp } from "../appState";
import { asProblem } from "../problem";
import type { PullProgress } from "../rest";
import { Button } from "../ui/Button";
import styles from "./Models.module.css";

interface Props {
  name: string;
  onDone: () => void;
  onClose: () => void;
}

/** A download. It goes on from where it was when it is begun again. */
export function Pull({ name, onDone, onClose }: Props) {
  const { api } = useApp();
  const [progress, setProgress] = useState<PullProgress | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const done = useEffectEvent(onDone);
  useEffect(() => {
    const leaving = new AbortController();
    setProblem(null);
    api.pullModel(name, setProgress, leaving.signal).then(
      () => leaving.signal.aborted || done(),
      (error: unknown) => leaving.signal.aborted || setProblem(asProblem(error).sentence),
    );
    return () => leaving.abort();
  }, [api, name, attempt]);
  const { doneBytes = 0, totalBytes = 0, note = "" } = progress ?? {};
  return (
    <section className={styles["pull"]} aria-label="Download">
      <progress {...(totalBytes > 0 ? { value: doneBytes, max: totalBytes } : {})} aria-label="Downloaded" />
      <p role="status">
        {problem ?? (totalBytes > 0 ? `${inMegabytes(doneBytes)} of ${inMegabytes(totalBytes)}. ${note}` : note || "Beginning…")}
      </p>
      <div>
        {problem && <Button onClick={() => setAttempt(attempt + 1)}>Go on</Button>}
        <Button look="bare" onClick={onClose}>
          {problem ? "Not now" : "Stop"}
        </Button>
      </div>
    </section>
  );
}

export function inMegabytes(bytes: number): string {
  const megabytes = bytes / 1e6;
  return megabytes >= 1000 ? `${(megabytes / 1000).toFixed(1)} GB` : `${Math.round(megabytes)} MB`;
}
