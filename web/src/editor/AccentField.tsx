import { accentStyle } from "../ui/accent";
import { ACCENTS } from "./draft";
import styles from "./Editor.module.css";

export function AccentField({ value, onChange }: { value: string; onChange: (accent: string) => void }) {
  const own = !ACCENTS.includes(value.toLowerCase());
  return (
    <fieldset className={styles["accents"]}>
      <legend>Their colour</legend>
      {ACCENTS.map((accent) => (
        <label key={accent} style={accentStyle(accent)} title={accent}>
          <input
            type="radio"
            name="accent"
            className="unseen"
            aria-label={accent}
            checked={value.toLowerCase() === accent}
            onChange={() => onChange(accent)}
          />
        </label>
      ))}
      <label className={`${styles["ownColour"]} ${own ? styles["chosen"] : ""}`} title="Another colour">
        <input type="color" aria-label="Another colour" value={value || ACCENTS[0]} onChange={(event) => onChange(event.target.value)} />
      </label>
    </fieldset>
  );
}
