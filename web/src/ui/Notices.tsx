import { useEffect, useRef } from "react";
import { X } from "lucide-react";
import { useApp } from "../appState";
import { useStore } from "../store";
import { IconButton } from "./Button";
import styles from "./Notices.module.css";

/** A popover, shown again with each notice: so it stands above a dialog that was opened before. */
export function NoticeBoard() {
  const { notices } = useApp();
  const shown = useStore(notices.shown, (now) => now);
  const board = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (shown.length === 0) return;
    const popover = board.current;
    popover?.showPopover();
    return () => popover?.hidePopover();
  }, [shown]);
  return (
    <div ref={board} popover="manual" className={styles["board"]} role="status" aria-live="polite">
      {shown.map((notice) => (
        <div key={notice.id} className={`${styles["notice"]} ${styles[notice.tone]}`}>
          <span>{notice.text}</span>
          {notice.undo && (
            <button
              type="button"
              className={styles["undo"]}
              onClick={() => {
                notice.undo?.();
                notices.close(notice.id);
              }}
            >
              Undo
            </button>
          )}
          <IconButton label="Dismiss" onClick={() => notices.close(notice.id)}>
            <X size={16} />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
