import { memo } from "react";
import type { CharacterView } from "../wire";
import { accentStyle } from "../ui/accent";
import { Avatar } from "../ui/Avatar";
import { Link } from "../ui/Link";
import styles from "./CharacterCard.module.css";

export const CharacterCard = memo(function CharacterCard({ character }: { character: CharacterView }) {
  const { name, age, tagline, tags, avatar, accent, slug, starter } = character;
  return (
    <li className={`tinted ${styles["card"]}`} style={accentStyle(accent)}>
      <Link to={`/characters/${slug}`} className={styles["link"]}>
        <span className={styles["portrait"]}>
          <Avatar name={name} src={avatar} accent={accent} size="fill" />
        </span>
        <span className={styles["name"]}>
          <strong>{name}</strong>
          {age !== null && <span className={styles["age"]}>{age}</span>}
          {!starter && <span className={styles["own"]}>yours</span>}
        </span>
        {tagline && <span className={styles["tagline"]}>{tagline}</span>}
        {tags.length > 0 && <span className={styles["tags"]}>{tags.slice(0, 3).join(" · ")}</span>}
      </Link>
    </li>
  );
});
