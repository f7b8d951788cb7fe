import type { SamplingView } from "../wire";
import { TextField } from "../ui/Field";
import styles from "./Editor.module.css";

const KNOBS: { field: keyof SamplingView; label: string; usual: string }[] = [
  { field: "temperature", label: "Temperature", usual: "0.8" },
  { field: "maxTokens", label: "Longest reply", usual: "500" },
  { field: "topP", label: "Top p", usual: "0.9" },
  { field: "frequencyPenalty", label: "Frequency penalty", usual: "0.3" },
  { field: "presencePenalty", label: "Presence penalty", usual: "0.3" },
];

interface Props {
  value: SamplingView;
  problem: string | null;
  onChange: (value: SamplingView) => void;
}

/** How the model draws its words; empty fields follow the house. */
export function Sampling({ value, problem, onChange }: Props) {
  return (
    <fieldset className={styles["sampling"]}>
      <legend>How words are drawn</legend>
      {KNOBS.map(({ field, label, usual }) => (
        <TextField
          key={field}
          label={label}
          type="number"
          step={field === "maxTokens" ? 1 : 0.05}
          placeholder={usual}
          value={value[field] ?? ""}
          onChange={(event) => onChange({ ...value, [field]: event.target.value === "" ? null : Number(event.target.value) })}
        />
      ))}
      {problem && <p role="alert">{problem}</p>}
    </fieldset>
  );
}
