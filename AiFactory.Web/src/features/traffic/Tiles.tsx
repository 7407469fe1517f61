import { useMemo, useState } from 'react';
import type { TrafficLook } from '../../api/traffic';
import { Course, type Line } from './Course';
import { formatRate, formatSeconds, formatShare, orDash } from './formats';
import { measure, type Measures } from './measures';
import styles from './traffic.module.css';

interface TileKind {
  label: string;
  /** What stands large, and what beside and under it. */
  value: (measures: Measures) => string;
  unit?: string;
  beside?: (measures: Measures) => string;
  below: (measures: Measures) => string;
  lines: { tone: Line['tone']; read: (measures: Measures) => number | null }[];
  format: (value: number) => string;
}

const perSecond = (value: number) => `${formatRate(value)}/s`;

const kinds: readonly TileKind[] = [
  {
    label: 'Requests',
    value: ({ requests }) => formatRate(requests),
    unit: '/s',
    below: ({ cacheShare }) => (cacheShare === null ? 'none asked of a cache' : `${formatShare(cacheShare)} from the cache`),
    lines: [{ tone: 'main', read: ({ requests }) => requests }],
    format: perSecond,
  },
  {
    label: 'Tokens of answers',
    value: ({ completionTokens }) => formatRate(completionTokens),
    unit: '/s',
    below: ({ promptTokens }) => `and ${perSecond(promptTokens)} of prompts`,
    lines: [{ tone: 'main', read: ({ completionTokens }) => completionTokens }],
    format: perSecond,
  },
  {
    label: 'Errors',
    value: ({ errorShare }) => orDash(formatShare)(errorShare),
    below: ({ refused, turnedAway }) => `${perSecond(refused)} refused, ${perSecond(turnedAway)} turned away`,
    lines: [{ tone: 'bad', read: ({ errors }) => errors }],
    format: perSecond,
  },
  {
    label: 'To the first token',
    value: ({ firstTokenP50 }) => orDash(formatSeconds)(firstTokenP50),
    beside: () => 'p50',
    below: ({ firstTokenP95 }) => `${orDash(formatSeconds)(firstTokenP95)} p95, of streams`,
    lines: [
      { tone: 'main', read: ({ firstTokenP50 }) => firstTokenP50 },
      { tone: 'second', read: ({ firstTokenP95 }) => firstTokenP95 },
    ],
    format: formatSeconds,
  },
  {
    label: 'To the whole answer',
    value: ({ wholeP50 }) => orDash(formatSeconds)(wholeP50),
    beside: () => 'p50',
    below: ({ wholeP95 }) => `${orDash(formatSeconds)(wholeP95)} p95`,
    lines: [
      { tone: 'main', read: ({ wholeP50 }) => wholeP50 },
      { tone: 'second', read: ({ wholeP95 }) => wholeP95 },
    ],
    format: formatSeconds,
  },
  {
    label: 'Under way',
    value: ({ underWay }) => String(underWay),
    beside: () => 'now',
    below: ({ waiting }) => `${waiting} waiting`,
    lines: [
      { tone: 'main', read: ({ underWay }) => underWay },
      { tone: 'second', read: ({ waiting }) => waiting },
    ],
    format: (value) => String(value),
  },
];

/** What a point of the charts is the mean of, in seconds: less would show single requests. */
const smooth = 10;

/** A look's point never changes once it was made. */
const points = new WeakMap<TrafficLook, Measures>();

function pointOf(looks: readonly TrafficLook[], index: number): Measures {
  const look = looks[index]!;
  const known = points.get(look) ?? measure(looks, smooth, index);
  points.set(look, known);
  return known;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The figures of all deployments together; under the pointer those of that moment. */
export function Tiles({ looks, seconds }: { looks: readonly TrafficLook[]; seconds: number | null }) {
  const [marked, setMarked] = useState<number | null>(null);
  const times = useMemo(() => looks.map(({ at }) => Date.parse(at)), [looks]);
  const course = useMemo(() => looks.map((_, index) => pointOf(looks, index)), [looks]);
  const shown = (marked === null ? undefined : course[marked]) ?? measure(looks, seconds);
  return (
    <div className={styles.tiles}>
      {kinds.map(({ label, value, unit, beside, below, lines, format }) => (
        <section key={label} className={styles.tile} aria-label={label} data-testid={`tile-${label.toLowerCase().replaceAll(' ', '-')}`}>
          <div className={styles.label}>
            <span>{label}</span>
            {marked !== null && <span>{clock.format(times[marked])}</span>}
          </div>
          <div className={styles.value}>
            {value(shown)}
            <small>
              {unit}
              {beside && ` ${beside(shown)}`}
            </small>
          </div>
          <div className={styles.below}>{below(shown)}</div>
          <Course
            label={label}
            times={times}
            lines={lines.map(({ tone, read }) => ({ tone, values: course.map((point) => (point.seconds > 0 ? read(point) : null)) }))}
            format={format}
            marked={marked}
            onMark={setMarked}
          />
        </section>
      ))}
    </div>
  );
}
