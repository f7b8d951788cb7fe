import { useEffect, useId, useLayoutEffect, useRef, type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes } from "react";
import styles from "./Field.module.css";

interface Frame {
  label: string;
  help?: ReactNode;
  /** What the server says about it; shown, read out, and the field is marked. */
  problem?: string | null;
}

interface FrameProps extends Frame {
  id: string;
  children: ReactNode;
  beside?: ReactNode;
}

export function FieldFrame({ id, label, help, problem, children, beside }: FrameProps) {
  return (
    <div className={styles["field"]}>
      <div className={styles["head"]}>
        <label htmlFor={id}>{label}</label>
        {beside}
      </div>
      {children}
      {problem && (
        <p id={`${id}-problem`} className={styles["problem"]} role="alert">
          {problem}
        </p>
      )}
      {help && (
        <p id={`${id}-help`} className={styles["help"]}>
          {help}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, help, problem, ...rest }: Frame & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const ref = useRef<HTMLInputElement>(null);
  useFocusOnProblem(ref, problem);
  return (
    <FieldFrame id={id} label={label} help={help} problem={problem ?? null}>
      <input ref={ref} id={id} className={styles["input"]} {...described(id, help, problem)} {...rest} />
    </FieldFrame>
  );
}

interface AreaProps extends Frame, TextareaHTMLAttributes<HTMLTextAreaElement> {
  value: string;
  beside?: ReactNode;
}

/** Grows with its text. */
export function TextArea({ label, help, problem, beside, className = "", ...rest }: AreaProps) {
  const id = useId();
  const ref = useRef<HTMLTextAreaElement>(null);
  useFocusOnProblem(ref, problem);
  useAutoGrow(ref, rest.value);
  return (
    <FieldFrame id={id} label={label} help={help} problem={problem ?? null} beside={beside}>
      <textarea
        ref={ref}
        id={id}
        rows={2}
        className={`${styles["input"]} ${styles["area"]} ${className}`}
        {...described(id, help, problem)}
        {...rest}
      />
    </FieldFrame>
  );
}

export function useAutoGrow(ref: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const area = ref.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  }, [ref, text]);
}

export function described(id: string, help: ReactNode, problem: string | null | undefined) {
  const ids = [problem ? `${id}-problem` : "", help ? `${id}-help` : ""].filter(Boolean).join(" ");
  return { "aria-describedby": ids || undefined, "aria-invalid": problem ? true : undefined };
}

export function useFocusOnProblem(ref: React.RefObject<HTMLElement | null>, problem: string | null | undefined): void {
  useEffect(() => {
    if (problem) ref.current?.focus();
  }, [ref, problem]);
}
