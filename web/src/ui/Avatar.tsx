import { useState } from "react";
import { accentStyle } from "./accent";
import styles from "./Avatar.module.css";

interface Props {
  name: string;
  src: string | undefined;
  accent?: string | undefined;
  size: "s" | "m" | "l" | "fill";
}

/** A portrait in its niche. It is decoration: the name always stands beside it. Without a picture, the first letter. */
export function Avatar({ name, src, accent, size }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  const letter = Array.from(name.trim())[0]?.toLocaleUpperCase() ?? "·";
  return (
    <span className={`tinted ${styles["niche"]} ${styles[size]}`} style={accentStyle(accent)} aria-hidden="true">
      {src && broken !== src ? (
        <img src={src} alt="" draggable={false} onError={() => setBroken(src)} />
      ) : (
        <span className={styles["letter"]}>{letter}</span>
      )}
    </span>
  );
}
