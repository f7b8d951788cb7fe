import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./Button.module.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "main" | "soft" | "bare" | "bad";
  busy?: boolean;
}

export function Button({ look = "soft", busy = false, className = "", children, disabled, ...rest }: Props) {
  return (
    <button
      type="button"
      className={`${styles["button"]} ${styles[look]} ${className}`}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {children}
    </button>
  );
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  children: ReactNode;
}

/** A button that is only a picture says in words what it does. */
export function IconButton({ label, className = "", children, ...rest }: IconProps) {
  return (
    <button type="button" className={`${styles["icon"]} ${className}`} aria-label={label} title={label} {...rest}>
      {children}
    </button>
  );
}
