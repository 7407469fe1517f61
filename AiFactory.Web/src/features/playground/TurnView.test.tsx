import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Providers } from '../../app/Providers';
import { newTurn, withText, type Turn } from './turn';
import { TurnView } from './TurnView';

const usage = { promptTokens: 12, completionTokens: 11 };

function show(turn: Turn) {
  render(
    <Providers>
      <TurnView turn={{ ...turn, status: 'done', usage }} />
    </Providers>,
  );
}

test('an answer that took time is shown with its speed', () => {
  show(withText(withText(newTurn(1, 'q', 0), 'Hel', 40), 'lo', 140));
  expect(screen.getByTestId('tokens-per-second').textContent).toBe('100 tokens/s');
  expect(screen.getByTestId('time-to-first-token').textContent).toBe('40 ms');
  expect(screen.getByTestId('completion-tokens').textContent).toBe('11');
});

test('an answer that came all at once is shown without a speed, which nobody could measure', () => {
  show(withText(withText(newTurn(1, 'q', 0), 'Hel', 40), 'lo', 41));
  expect(screen.queryByTestId('tokens-per-second')).toBeNull();
  expect(screen.getByTestId('time-to-first-token').textContent).toBe('40 ms');
  expect(screen.getByTestId('completion-tokens').textContent).toBe('11');
});
