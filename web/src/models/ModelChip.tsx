import { useEffect, useState } from "react";
import { useApp } from "../appState";
import type { Models } from "../rest";
import { Store, useStore } from "../store";
import { ModelPanel } from "./ModelPanel";
import styles from "./Models.module.css";

const STARTING_MS = 2500;
const known = new Store<Models | null>(null);

/** Which language model speaks, and a way to choose another. */
export function ModelChip({ preferred }: { preferred: string }) {
  const { api } = useApp();
  const models = useStore(known, (now) => now);
  const [open, setOpen] = useState(false);
  const starting = models?.condition === "starting";
  useEffect(() => {
    const ask = () => void api.models().then((now) => known.set(now), () => undefined);
    ask();
    if (!starting) return;
    const again = setInterval(ask, STARTING_MS);
    return () => clearInterval(again);
  }, [api, starting, open]);
  if (models === null) return null;
  const name = preferred || models.current.title || models.current.name;
  return (
    <>
      <button
        type="button"
        className={styles["chip"]}
        data-condition={models.condition}
        aria-label={`Language model: ${name}, ${models.condition}`}
        onClick={() => setOpen(true)}
      >
        <i aria-hidden="true" />
        <span>{name}</span>
      </button>
      {open && <ModelPanel models={models} onChange={(now) => known.set(now)} onClose={() => setOpen(false)} />}
    </>
  );
}
