import { useRef } from "react";

interface Props {
  title: string;
  className: string;
  /** With the new title, or null when it stays. */
  onDone: (title: string | null) => void;
}

/** Enter or leaving it keeps the new title, Esc the old one. */
export function TitleInput({ title, className, onDone }: Props) {
  const done = useRef(false);
  const finish = (next: string | null) => {
    if (done.current) return;
    done.current = true;
    const name = next?.trim() ?? "";
    onDone(name === "" || name === title ? null : name);
  };
  return (
    <input
      className={className}
      aria-label="New title"
      defaultValue={title}
      maxLength={200}
      // The person has just asked to write here.
      ref={(input) => {
        if (input && document.activeElement !== input) {
          input.focus();
          input.select();
        }
      }}
      onBlur={(event) => finish(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(event.currentTarget.value);
        if (event.key === "Escape") finish(null);
      }}
    />
  );
}
