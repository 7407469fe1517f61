import { useEffect, useRef, type RefObject } from 'react';

/** Between the end and the window's edge. */
const margin = 16;

/** Keeps an element's end in sight while its content grows, unless the reader has scrolled up. On a narrow screen more may stand below it, which is not the end meant. */
export function useFollow(content: unknown, growing: boolean): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const hidden = () => (element.current?.getBoundingClientRect().bottom ?? 0) + margin - window.innerHeight;
  useEffect(() => {
    const onScroll = () => {
      follows.current = hidden() <= 80;
    };
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, []);
  useEffect(() => {
    if (growing && follows.current && hidden() > 0) {
      window.scrollBy(0, hidden());
    }
  }, [content, growing]);
  return element;
}
