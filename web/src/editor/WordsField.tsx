import { useId, useState, type KeyboardEvent } from "react";
import { X } from "lucide-react";
import { described, FieldFrame } from "../ui/Field";
import styles from "./Editor.module.css";

interface Props {
  label: string;
  help: string;
  words: string[];
  problem: string | null;
  onChange: (words: string[]) => void;
}

/** Short entries. Enter, a comma or leaving the field adds one; Backspace in the empty field takes the last one back. */
export function WordsField({ label, help, words, problem, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const add = () => {
    const fresh = text.split(",").map((each) => each.trim()).filter((each) => each !== "" && !words.includes(each));
    if (fresh.length > 0) onChange([...words, ...fresh]);
    setText("");
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      add();
    }
    if (event.key === "Backspace" && text === "" && words.length > 0) {
      setText(words.at(-1) ?? "");
      onChange(words.slice(0, -1));
      event.preventDefault();
    }
  };
  return (
    <FieldFrame id={id} label={label} help={help} problem={problem}>
      <div className={styles["words"]}>
        {words.map((word) => (
          <span key={word}>
            {word}
            <button type="button" aria-label={`Remove ${word}`} onClick={() => onChange(words.filter((each) => each !== word))}>
              <X size={14} />
            </button>
          </span>
        ))}
        <input
          id={id}
          value={text}
          maxLength={60}
          {...described(id, help, problem)}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={press}
          onBlur={add}
        />
      </div>
    </FieldFrame>
  );
}
