import { dayDate } from "../time";
import type { RelationshipView } from "../wire";
import { Rest, Waiting } from "../ui/Rest";
import { BondChart } from "./BondChart";
import { STRANDS } from "./chart";
import { useBond } from "./useBond";
import { sentence } from "./words";
import styles from "./Bond.module.css";

/** How close a character and the person are, and how it came about. */
export function Bond({ characterId, name }: { characterId: string; name: string }) {
  const { bond, problem } = useBond(characterId);
  if (bond === null) {
    return problem === null ? <Waiting label="Loading" /> : <p className={styles["problem"]} role="alert">{problem.sentence}</p>;
  }
  const { relationship, history } = bond;
  if (relationship.since === null) {
    return <Rest title="You have not met">Say something to {name || "them"}. What grows between you will be told here.</Rest>;
  }
  return (
    <div className={styles["bond"]}>
      <header>
        <h3>{sentence(relationship.levelName)}</h3>
        <p>{known(relationship)}</p>
      </header>
      <dl className={styles["meters"]}>
        {STRANDS.map(({ id, name: strand }) => (
          <div key={id} data-strand={id}>
            <dt>{strand}</dt>
            <dd>
              <span className={styles["meter"]} role="meter" aria-label={strand} aria-valuemin={0} aria-valuemax={100} aria-valuenow={relationship[id]}>
                <i style={{ width: `${relationship[id]}%` }} />
              </span>
              <b>{relationship[id]}</b>
            </dd>
          </div>
        ))}
      </dl>
      {history.length > 0 && <BondChart points={history} />}
      <Words title="You talk about" words={relationship.topics} />
      <Words title="What you went through" words={relationship.shared} />
      <p className={styles["fine"]}>
        Reckoned from what you say: it grows slowly, falls when you quarrel, mends when you make up, and fades a little in long
        silence.
      </p>
    </div>
  );
}

function Words({ title, words }: { title: string; words: readonly string[] }) {
  if (words.length === 0) return null;
  return (
    <section>
      <h4>{title}</h4>
      <ul className={styles["words"]}>
        {words.map((word) => (
          <li key={word}>{sentence(word)}</li>
        ))}
      </ul>
    </section>
  );
}

function known({ since, interactions }: RelationshipView): string {
  const day = dayDate(since ?? Date.now(), Date.now());
  return `Since ${day}, ${interactions === 1 ? "1 exchange" : `${interactions} exchanges`}`;
}
