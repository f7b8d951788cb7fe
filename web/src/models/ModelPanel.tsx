import { useState } from "react";
import { useApp } from "../appState";
import { asProblem } from "../problem";
import type { Model, Models } from "../rest";
import { useStore } from "../store";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import styles from "./Models.module.css";
import { inMegabytes, Pull } from "./Pull";

interface Props {
  models: Models;
  onChange: (models: Models) => void;
  onClose: () => void;
}

export function ModelPanel({ models, onChange, onClose }: Props) {
  const { api, session } = useApp();
  const owner = useStore(session.who, (who) => who.state === "in" && who.user.role === "owner");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [pulling, setPulling] = useState<string | null>(null);
  const { current, better } = models;

  const choose = async (name: string) => {
    setBusy(name);
    setProblem(null);
    try {
      onChange(await api.chooseModel(name));
    } catch (error) {
      setProblem(asProblem(error).sentence);
    }
    setBusy(null);
  };
  const others = models.entries.filter((each) => each.name !== current.name && each.name !== better?.name);
  const choices = others.filter((each) => each.state === "ready" || each.state === "pullable");
  const absent = others.filter((each) => !choices.includes(each));
  return (
    <Dialog title="Who speaks" onClose={onClose}>
      <div className={styles["panel"]}>
        <section className={styles["now"]} data-condition={models.condition}>
          <h3>
            <i aria-hidden="true" />
            {current.title}
          </h3>
          <p>{models.note || current.note || "This language model writes what the characters say."}</p>
        </section>
        {better && pulling === null && (
          <section className={styles["better"]}>
            <h3>{better.title}</h3>
            <p>{note(better) || "Speaks better than the one in use."}</p>
            {owner && (
              <Button look="main" busy={busy !== null} onClick={() => (better.state === "ready" ? void choose(better.name) : setPulling(better.name))}>
                {better.state === "ready" ? "Use it" : `Download${size(better)}`}
              </Button>
            )}
          </section>
        )}
        {pulling !== null && (
          <Pull
            name={pulling}
            onDone={() => {
              const name = pulling;
              setPulling(null);
              void choose(name);
            }}
            onClose={() => setPulling(null)}
          />
        )}
        {problem && (
          <p className={styles["problem"]} role="alert">
            {problem}
          </p>
        )}
        {choices.length > 0 && (
          <ul className={styles["choices"]} aria-label="Other language models">
            {choices.map((each) => (
              <li key={each.name}>
                <div>
                  <strong>{each.title}</strong>
                  <p>{note(each)}</p>
                </div>
                {owner && each.state === "ready" && (
                  <Button busy={busy === each.name} onClick={() => void choose(each.name)} aria-label={`Use ${each.title}`}>
                    Use
                  </Button>
                )}
                {owner && each.state === "pullable" && pulling === null && (
                  <Button onClick={() => setPulling(each.name)} aria-label={`Download ${each.title}`}>
                    Download{size(each)}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        {absent.length > 0 && (
          <details className={styles["absent"]}>
            <summary>Not set up here</summary>
            <ul>
              {absent.map((each) => (
                <li key={each.name}>{note(each) || each.title}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </Dialog>
  );
}

const size = (model: Model): string => (model.sizeBytes > 0 ? `, ${inMegabytes(model.sizeBytes)}` : "");

/** What the model's note says, without the commands of a terminal: here there are buttons. */
function note(model: Model): string {
  return model.note.replace(/\s*Fetch it: `[^`]*`\.?/, "");
}
