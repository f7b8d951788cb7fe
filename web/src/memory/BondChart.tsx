import { useState, type KeyboardEvent, type PointerEvent } from "react";
import { dayDate } from "../time";
import type { RelationshipPointView } from "../wire";
import { HEIGHT, inWords, lineOf, STRANDS, topOf, WIDTH, xOf, yOf } from "./chart";
import styles from "./Bond.module.css";

/** Room around the lines, in the drawing's own units: for the scale and the dates. */
const LEFT = 26;
const ABOVE = 8;
const BELOW = 20;

/** The lines day by day. A pointer or the arrow keys ask for one day; the table below it tells all of them. */
export function BondChart({ points }: { points: readonly RelationshipPointView[] }) {
  const [asked, setAsked] = useState<number | null>(null);
  const top = topOf(points);
  const last = points.length - 1;
  const shown = asked === null ? null : Math.min(asked, last);
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = (WIDTH + LEFT + 6) / box.width;
    const x = (event.clientX - box.left) * scale - LEFT;
    setAsked(Math.round(Math.min(1, Math.max(0, x / WIDTH)) * last));
  };
  const press = (event: KeyboardEvent) => {
    const from = shown ?? last;
    const steps: Record<string, number> = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setAsked(Math.min(last, Math.max(0, next)));
  };
  return (
    <figure className={styles["chart"]}>
      <svg
        viewBox={`${-LEFT} ${-ABOVE} ${WIDTH + LEFT + 6} ${HEIGHT + ABOVE + BELOW}`}
        role="img"
        aria-label={inWords(points)}
        tabIndex={0}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setAsked(null)}
        onBlur={() => setAsked(null)}
        onKeyDown={press}
      >
        {[0, top / 2, top].map((value) => (
          <g key={value} className={styles["scale"]}>
            <line x1={0} x2={WIDTH} y1={yOf(value, top)} y2={yOf(value, top)} />
            <text x={-6} y={yOf(value, top) + 3.5} textAnchor="end">
              {Number.isInteger(value) ? value : ""}
            </text>
          </g>
        ))}
        <Dates points={points} />
        {shown !== null && <line className={styles["asked"]} x1={xOf(shown, points.length)} x2={xOf(shown, points.length)} y1={0} y2={HEIGHT} />}
        {STRANDS.toReversed().map(({ id }) => (
          <g key={id} data-strand={id}>
            <path d={lineOf(points, id, top)} />
            {points.map((each, at) =>
              at === (shown ?? last) ? <circle key={at} cx={xOf(at, points.length)} cy={yOf(each[id], top)} r={shown === null ? 3 : 3.6} /> : null,
            )}
          </g>
        ))}
      </svg>
      <figcaption aria-live="polite">{shown === null ? <Legend /> : <Day point={points[shown]!} />}</figcaption>
      <details className={styles["table"]}>
        <summary>As a table</summary>
        <div>
          <table>
            <thead>
              <tr>
                <th scope="col">Day</th>
                {STRANDS.map(({ id, name }) => (
                  <th key={id} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map((each) => (
                <tr key={each.at}>
                  <th scope="row">{dayDate(each.at, Date.now())}</th>
                  {STRANDS.map(({ id }) => (
                    <td key={id}>{Math.round(each[id])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function Dates({ points }: { points: readonly RelationshipPointView[] }) {
  const first = points[0];
  if (first === undefined) return null;
  return (
    <g className={styles["scale"]}>
      {points.length > 1 && (
        <text x={0} y={HEIGHT + 16}>
          {dayDate(first.at, Date.now())}
        </text>
      )}
      <text x={WIDTH} y={HEIGHT + 16} textAnchor="end">
        Today
      </text>
    </g>
  );
}

function Legend() {
  return (
    <span className={styles["legend"]} aria-hidden="true">
      {STRANDS.map(({ id, name }) => (
        <span key={id} data-strand={id}>
          <i />
          {name}
        </span>
      ))}
    </span>
  );
}

function Day({ point }: { point: RelationshipPointView }) {
  return (
    <span className={styles["legend"]}>
      <b>{dayDate(point.at, Date.now())}</b>
      {STRANDS.map(({ id, name }) => (
        <span key={id} data-strand={id}>
          <i aria-hidden="true" />
          <span className="unseen">{name}</span> {Math.round(point[id])}
        </span>
      ))}
    </span>
  );
}
