import { Plus, X } from "lucide-react";
import { Button, IconButton } from "../ui/Button";
import { TextArea } from "../ui/Field";
import styles from "./Editor.module.css";

interface Props {
  label: string;
  add: string;
  help: string;
  example?: string;
  texts: string[];
  problem: string | null;
  onChange: (texts: string[]) => void;
}

/** Any number of longer texts. */
export function TextsField({ label, add, help, example = "", texts, problem, onChange }: Props) {
  return (
    <div className={styles["texts"]} role="group" aria-label={label}>
      {texts.map((text, at) => (
        <TextArea
          // Entries have no identity but their place.
          key={at}
          label={texts.length > 1 ? `${label}, ${at + 1}` : label}
          value={text}
          placeholder={example}
          help={at === texts.length - 1 ? help : undefined}
          problem={at === 0 ? problem : null}
          onChange={(event) => onChange(texts.with(at, event.target.value))}
          beside={
            <IconButton label={`Remove ${label.toLocaleLowerCase()} ${at + 1}`} onClick={() => onChange(texts.toSpliced(at, 1))}>
              <X size={16} />
            </IconButton>
          }
        />
      ))}
      <Button className={styles["add"] ?? ""} onClick={() => onChange([...texts, ""])}>
        <Plus size={17} aria-hidden="true" />
        {add}
      </Button>
    </div>
  );
}
