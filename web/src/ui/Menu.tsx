import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Ellipsis } from "lucide-react";
import { IconButton } from "./Button";
import styles from "./Menu.module.css";

export interface Choice {
  label: string;
  icon: ReactNode;
  act: () => void;
  bad?: boolean;
}

interface Props {
  label: string;
  choices: readonly Choice[];
  className?: string;
  align?: "start" | "end";
}

/** A button that opens a list of things to do. Arrow keys walk through it, Esc and Tab leave it. */
export function Menu({ label, choices, className = "", align = "end" }: Props) {
  const [open, setOpen] = useState(false);
  const [above, setAbove] = useState(false);
  const root = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const close = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [open]);

  const leave = () => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  const toggle = () => {
    const bottom = root.current?.getBoundingClientRect().bottom ?? 0;
    setAbove(bottom > innerHeight - choices.length * 44 - 24);
    setOpen(!open);
  };

  return (
    <div ref={root} className={`${styles["root"]} ${className}`} onKeyDown={(event) => walk(event, root.current, leave)}>
      <IconButton label={label} aria-haspopup="menu" aria-expanded={open} onClick={toggle}>
        <Ellipsis size={19} />
      </IconButton>
      {open && (
        <div role="menu" aria-label={label} className={`${styles["menu"]} ${styles[align]} ${above ? styles["above"] : ""}`}>
          {choices.map((choice) => (
            <button
              key={choice.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={choice.bad ? styles["bad"] : ""}
              onClick={() => {
                leave();
                choice.act();
              }}
            >
              {choice.icon}
              {choice.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function walk(event: KeyboardEvent, root: HTMLElement | null, leave: () => void): void {
  const items = [...(root?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  if (items.length === 0) return;
  const at = items.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  const next = steps[event.key];
  if (next !== undefined) {
    event.preventDefault();
    items.at(next % items.length)?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
    leave();
  }
}
