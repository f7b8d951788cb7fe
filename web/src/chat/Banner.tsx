import { useEffect, useState } from "react";
import { CloudOff, Check } from "lucide-react";
import { useApp, useAppData } from "../appState";
import { useStore } from "../store";
import styles from "./Banner.module.css";

/** A break shorter than this is nobody's business. */
const GRACE_MS = 900;
const SHOWN_MS = 5000;

export function Banner() {
  const { returned } = useApp();
  const line = useAppData((state) => state.line);
  const back = useStore(returned, (now) => now);
  const [shown, setShown] = useState<"nothing" | "lost" | "back">("nothing");

  useEffect(() => {
    if (line !== "lost") return;
    const later = setTimeout(() => setShown("lost"), GRACE_MS);
    return () => clearTimeout(later);
  }, [line]);

  useEffect(() => {
    if (line !== "online" || back === null) return;
    setShown((now) => (now === "lost" ? "back" : now));
    const later = setTimeout(() => setShown((now) => (now === "back" ? "nothing" : now)), SHOWN_MS);
    return () => clearTimeout(later);
  }, [line, back]);

  return (
    <div className={styles["place"]} role="status" aria-live="polite">
      {shown === "lost" && (
        <p className={styles["lost"]}>
          <CloudOff size={16} aria-hidden="true" />
          Reconnecting… your words are kept.
        </p>
      )}
      {shown === "back" && (
        <p className={styles["back"]}>
          <Check size={16} aria-hidden="true" />
          {welcome(back?.arrived ?? 0)}
        </p>
      )}
    </div>
  );
}

function welcome(arrived: number): string {
  if (arrived === 0) return "Back. Nothing was missed.";
  return arrived === 1 ? "Back. 1 message arrived meanwhile." : `Back. ${arrived} messages arrived meanwhile.`;
}
