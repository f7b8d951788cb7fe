import { useState, type DragEvent } from "react";
import { ImagePlus } from "lucide-react";
import { Avatar } from "../ui/Avatar";
import styles from "./Editor.module.css";

const LARGEST = 5 * 1024 * 1024;
const KINDS = ["image/png", "image/jpeg", "image/webp", "image/gif"];

interface Props {
  name: string;
  portrait: string;
  accent: string;
  onPicture: (picture: File) => void;
}

export function AvatarField({ name, portrait, accent, onPicture }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const take = (file: File | undefined) => {
    setOver(false);
    if (file === undefined) return;
    const wrong = problemOf(file);
    setProblem(wrong);
    if (wrong === null) onPicture(file);
  };
  const drag = (event: DragEvent, isOver: boolean) => {
    event.preventDefault();
    setOver(isOver);
  };
  return (
    <div className={styles["avatar"]}>
      <label
        className={over ? styles["over"] : ""}
        onDragOver={(event) => drag(event, true)}
        onDragLeave={(event) => drag(event, false)}
        onDrop={(event) => {
          event.preventDefault();
          take(event.dataTransfer.files[0]);
        }}
      >
        <Avatar name={name || "?"} src={portrait} accent={accent} size="l" />
        <span>
          <b>
            <ImagePlus size={17} aria-hidden="true" />
            {portrait ? "Another picture" : "Choose a picture"}
          </b>
          PNG, JPEG, WebP or GIF up to 5 MB. You can also drop it here.
        </span>
        <input type="file" className="unseen" accept={KINDS.join(",")} onChange={(event) => take(event.target.files?.[0])} />
      </label>
      {problem && <p role="alert">{problem}</p>}
    </div>
  );
}

function problemOf(file: File): string | null {
  if (!KINDS.includes(file.type)) return "That is not a picture in one of these forms: PNG, JPEG, WebP, GIF.";
  return file.size > LARGEST ? "The picture is larger than 5 MB. Choose a smaller one." : null;
}
