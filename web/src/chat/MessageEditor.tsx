import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useApp } from "../appState";
import { asProblem } from "../problem";
import type { MessageView } from "../wire";
import { Button } from "../ui/Button";
import { useAutoGrow } from "../ui/Field";
import styles from "./Message.module.css";

export function MessageEditor({ message, onDone }: { message: MessageView; onDone: () => void }) {
  const app = useApp();
  const [text, setText] = useState(message.content);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  useAutoGrow(area, text);
  useEffect(() => {
    const end = area.current?.value.length ?? 0;
    area.current?.focus();
    area.current?.setSelectionRange(end, end);
  }, []);

  const save = async () => {
    if (text === message.content) return onDone();
    setBusy(true);
    try {
      app.line.dispatch({ kind: "message", message: await app.api.editMessage(message.id, text), heard: false });
      onDone();
    } catch (error) {
      setProblem(asProblem(error).sentence);
      setBusy(false);
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDone();
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void save();
    }
  };
  return (
    <div className={styles["editor"]}>
      <textarea ref={area} aria-label="Edit message" value={text} rows={1} onChange={(event) => setText(event.target.value)} onKeyDown={press} />
      {problem && <p role="alert">{problem}</p>}
      <div>
        <Button look="bare" onClick={onDone}>
          Cancel
        </Button>
        <Button look="main" busy={busy} onClick={() => void save()}>
          Save
        </Button>
      </div>
    </div>
  );
}
