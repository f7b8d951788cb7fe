import styles from "./Wordmark.module.css";

export function Wordmark({ large = false }: { large?: boolean }) {
  return (
    <span className={`${styles["mark"]} ${large ? styles["large"] : ""}`}>
      <img src="/logo.svg" alt="" />
      Everkin
    </span>
  );
}
