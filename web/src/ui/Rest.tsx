import type { ReactNode } from "react";
import styles from "./Rest.module.css";

/** Where there is nothing to show: why, and what to do about it. */
export function Rest({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles["rest"]}>
      <span className={styles["arch"]} aria-hidden="true" />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export function Waiting({ label }: { label: string }) {
  return (
    <div className={styles["waiting"]} role="status">
      <Dots />
      <span className="unseen">{label}</span>
    </div>
  );
}

export function Dots() {
  return (
    <span className={styles["dots"]} aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
