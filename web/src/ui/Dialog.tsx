import { useEffect, useId, useRef, type CSSProperties, type ReactNode } from "react";
import { X } from "lucide-react";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  shape?: "card" | "sheet";
  className?: string;
  style?: CSSProperties;
  /** The title is shown by the content itself. */
  bare?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** Modal: the browser keeps the focus inside, Esc and a click beside it close it, focus goes back where it was.
 * It begins at the element with `data-first`. */
export function Dialog({ title, shape = "card", className = "", style, bare = false, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={`${styles["dialog"]} ${styles[shape]} ${className}`}
      style={style}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className={styles["content"]}>
        <header className={bare ? styles["bareHead"] : styles["head"]}>
          <h2 id={id} className={bare ? "unseen" : ""}>
            {title}
          </h2>
          <IconButton label="Close" onClick={onClose}>
            <X size={20} />
          </IconButton>
        </header>
        {children}
      </div>
    </dialog>
  );
}
