import type { PointerEvent } from 'react';
import styles from './traffic.module.css';

export interface Line {
  tone: 'main' | 'second' | 'bad';
  /** Null where there is nothing to show. */
  values: readonly (number | null)[];
}

interface CourseProps {
  label: string;
  /** Of the values, in milliseconds since 1970; the chart ends with the last one. */
  times: readonly number[];
  lines: readonly Line[];
  format: (value: number) => string;
  /** Which moment is looked at; null for none. */
  marked: number | null;
  onMark: (index: number | null) => void;
}

const width = 300;
const height = 48;

/** The chart begins with the first value, and shows a minute at least; in milliseconds. */
const shortest = 60_000;

/** The last minutes as lines, drawn to the highest value among them. The page's table has the same in figures. */
export function Course({ label, times, lines, format, marked, onMark }: CourseProps) {
  const last = times.at(-1) ?? 0;
  const span = Math.max(shortest, last - (times[0] ?? last));
  const highest = Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const x = (index: number) => width - ((last - (times[index] ?? last)) / span) * width;
  const y = (value: number) => height - 2 - (highest === 0 ? 0 : (value / highest) * (height - 6));
  const mark = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = last - (1 - (event.clientX - box.left) / box.width) * span;
    onMark(times.reduce((nearest, time, index) => (Math.abs(time - at) < Math.abs((times[nearest] ?? 0) - at) ? index : nearest), 0));
  };
  return (
    <div className={styles.course}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label} over the last ${Math.ceil(span / 60_000)} min, at most ${format(highest)}`}
        onPointerMove={mark}
        onPointerLeave={() => onMark(null)}
      >
        <line className={styles.base} x1={0} x2={width} y1={height - 1} y2={height - 1} />
        {lines.map(({ tone, values }, index) => (
          <g key={tone} data-tone={tone}>
            {index === 0 && <path className={styles.area} d={strokes(values, x, y, true)} />}
            <path className={styles.line} d={strokes(values, x, y, false)} />
          </g>
        ))}
        {marked !== null && <line className={styles.mark} x1={x(marked)} x2={x(marked)} y1={0} y2={height} />}
      </svg>
      {highest > 0 && <span className={styles.highest}>{format(highest)}</span>}
    </div>
  );
}

/** A path for each stretch without a gap; filled down to the base, or its line alone. */
function strokes(values: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number, fill: boolean): string {
  const parts: string[] = [];
  let begun: number | null = null;
  values.forEach((value, index) => {
    if (value === null) {
      begun = null;
      return;
    }
    parts.push(`${begun === null ? (fill ? `M${x(index).toFixed(1)} ${height - 1}L` : 'M') : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
    begun ??= index;
    if (values[index + 1] === null || index === values.length - 1 || values[index + 1] === undefined) {
      // A single moment is a dash wide enough to be seen.
      parts.push(fill ? `L${x(index).toFixed(1)} ${height - 1}Z` : begun === index ? 'h0.01' : '');
    }
  });
  return parts.join('');
}
