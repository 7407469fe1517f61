const units: [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** "00:01:30" -> 90. */
export function secondsOf(span: string): number {
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(span) ?? [];
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** "1.02:30:00" -> "26.5 h". */
export function formatSpan(span: string): string {
  const total = secondsOf(span);
  const [unit, size] = units.find(([, length]) => total >= 2 * length) ?? ['s', 1];
  return `${Number((total / size).toFixed(1))} ${unit}`;
}

/** 90 -> "00:01:30", 0.8 -> "00:00:00.800"; to the millisecond. */
export function spanOfSeconds(length: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const whole = Math.round(length * 1_000);
  const [seconds, rest] = [Math.floor(whole / 1_000), whole % 1_000];
  const days = Math.floor(seconds / 86_400);
  return `${days > 0 ? `${days}.` : ''}${two(Math.floor(seconds / 3_600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${rest > 0 ? `.${String(rest).padStart(3, '0')}` : ''}`;
}

/** 90 -> "01:30:00". */
export const spanOfMinutes = (minutes: number): string => spanOfSeconds(Math.round(minutes * 60));

/** "10, 25 50" -> [10, 25, 50]; null when one is no share, or not more than the one before. */
export function sharesOf(text: string): number[] | null {
  const shares = text.split(/[\s,;%]+/).filter(Boolean).map(Number);
  const good = shares.length > 0 && shares.every((share, index) => Number.isInteger(share) && share >= 1 && share <= 100 && share > (shares[index - 1] ?? 0));
  return good ? shares : null;
}

export const formatShare = (share: number) => `${Number((share * 100).toFixed(2))} %`;

export const formatSeconds = (seconds: number) => (seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : `${Number(seconds.toFixed(2))} s`);
