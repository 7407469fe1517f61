import { expect, test, vi } from 'vitest';
import { readEvents } from './sse';

function streamOf(chunks: Uint8Array[], cancel?: () => void): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk) {
        controller.enqueue(chunk);
      } else {
        controller.close();
      }
    },
    cancel,
  });
}

async function all(chunks: Uint8Array[]): Promise<string[]> {
  const events: string[] = [];
  for await (const event of readEvents(streamOf(chunks))) {
    events.push(event);
  }
  return events;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('events are read whole wherever the chunks break, inside a character too', async () => {
  const whole = bytes('data: {"a":"größe"}\n\n: comment\r\n\r\ndata: one\r\ndata: two\r\n\r\nevent: x\ndata:last\n\n');
  for (const size of [1, 2, 3, 7, whole.length]) {
    const chunks: Uint8Array[] = [];
    for (let start = 0; start < whole.length; start += size) {
      chunks.push(whole.slice(start, start + size));
    }
    expect(await all(chunks)).toEqual(['{"a":"größe"}', 'one\ntwo', 'last']);
  }
});

test('an event that was not ended is dropped', async () => {
  expect(await all([bytes('data: one\n\ndata: tw')])).toEqual(['one']);
});

test('leaving the loop cancels the stream', async () => {
  const cancel = vi.fn();
  for await (const event of readEvents(streamOf([bytes('data: one\n\n'), bytes('data: two\n\n')], cancel))) {
    expect(event).toBe('one');
    break;
  }
  expect(cancel).toHaveBeenCalledOnce();
});
