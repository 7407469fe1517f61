import { render } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { useFollow } from './useFollow';

function Talk({ turns }: { turns: number }) {
  return <div ref={useFollow(turns, turns > 0)}>{turns}</div>;
}

test('the end of the talk is followed, not the end of the document, and not once the reader has scrolled up', () => {
  let bottom = window.innerHeight + 500;
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(() => ({ bottom }) as DOMRect);
  const scrollBy = vi.spyOn(window, 'scrollBy').mockImplementation(() => undefined);
  const { rerender } = render(<Talk turns={0} />);
  expect(scrollBy).not.toHaveBeenCalled();

  rerender(<Talk turns={1} />);
  expect(scrollBy).toHaveBeenLastCalledWith(0, 516);

  bottom = window.innerHeight - 100;
  rerender(<Talk turns={2} />);
  expect(scrollBy).toHaveBeenCalledTimes(1);

  bottom = window.innerHeight + 300;
  window.dispatchEvent(new Event('scroll'));
  rerender(<Talk turns={3} />);
  expect(scrollBy).toHaveBeenCalledTimes(1);
});
