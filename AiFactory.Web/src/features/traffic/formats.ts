import { formatNumber } from '../../components/format';

/** 0.25 -> "0.25", 4.26 -> "4.3", 1234.5 -> "1,235". */
export function formatRate(value: number): string {
  return value === 0 ? '0' : value < 0.005 ? '< 0.01' : value < 1 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : formatNumber(Math.round(value));
}

/** 0.084 -> "84 ms". A percentile is no more exact than two digits. */
export function formatSeconds(seconds: number): string {
  const milliseconds = seconds * 1_000;
  if (milliseconds < 0.95) {
    return '< 1 ms';
  }
  return milliseconds < 995 ? `${Number(milliseconds.toPrecision(2))} ms` : `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** 0.042 -> "4.2 %". */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 9.95 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

export const orDash = <T,>(format: (value: T) => string) => (value: T | null) => (value === null ? '-' : format(value));
