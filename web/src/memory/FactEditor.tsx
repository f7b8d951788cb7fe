import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { asProblem } from "../problem";
import type { FactDraft } from "../rest";
import { Button } from "../ui/Button";
import { useAutoGrow } from "../ui/Field";
import { CATEGORIES } from "./words";
import styles from "./Facts.module.css";

const LONGEST = 500;

interface Props {
  label: string;
  begin: FactDraft;
  save: (draft: FactDraft) => Promise<unknown>;
  /** `changed`: it was saved. */
  onDone: (changed: boolean) => void;
}

export function FactEditor({ label, begin, save, onDone }: Props) {
  const [draft, setDraft] = useState<FactDraft>({ text: begin.text, category: begin.category, pinned: begin.pinned });
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  useAutoGrow(area, draft.text);
  useEffect(() => {
    const end = area.current?.value.length ?? 0;
    area.current?.focus();
    area.current?.setSelectionRange(end, end);
  }, []);

  const submit = async () => {
    if (draft.text.trim() === "" || busy) return;
    setBusy(true);
    try {
      await save({ ...draft, text: draft.text.trim() });
      onDone(true);
    } catch (error) {
      setProblem(asProblem(error).sentence);
      setBusy(false);
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault();
      onDone(false);
    }
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing && event.target === area.current) {
      event.preventDefault();
      void submit();
    }
  };
  return (
    <form
      className={styles["editor"]}
      onKeyDown={press}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <textarea
        ref={area}
        rows={1}
        aria-label={label}
        placeholder="lives in Leeds, has a sister…"
        maxLength={LONGEST}
        value={draft.text}
        onChange={(event) => setDraft({ ...draft, text: event.target.value })}
      />
      {problem && <p role="alert">{problem}</p>}
      <div>
        <select
          aria-label="Kind"
          value={draft.category}
          onChange={(event) => setDraft({ ...draft, category: event.target.value as FactDraft["category"] })}
        >
          {CATEGORIES.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
        <Button look="bare" onClick={() => onDone(false)}>
          Cancel
        </Button>
        <Button look="main" type="submit" busy={busy} disabled={draft.text.trim() === ""}>
          Save
        </Button>
      </div>
    </form>
  );
}
