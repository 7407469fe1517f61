import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { formatAgo, formatTime } from './format';

// One clock for every relative time on the page.
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((each) => each());
  }, 5_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function Ago({ at }: { at: string }) {
  // A time newer than the last tick must not read as "in the future".
  const tick = useSyncExternalStore(subscribe, () => now);
  const current = Math.max(tick, Math.min(Date.parse(at) || 0, Date.now()));
  return (
    <Tooltip label={formatTime(at)}>
      <time dateTime={at}>{formatAgo(at, current)}</time>
    </Tooltip>
  );
}
