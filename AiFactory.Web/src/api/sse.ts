/** One event of a stream: its name where it has one, and its lines of data. */
export interface StreamEvent {
  event: string | null;
  data: string;
}

/**
 * The server-sent events of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream):
 *
 *     : a comment
 *     event: message.delta
 *     data: {"text":"Hel"}
 *     <empty line>
 *     data: [DONE]
 *
 * A chunk may end anywhere, in the middle of a line or of a character. Leaving the loop cancels the stream, and so stops the answer at the worker.
 */
export async function* readNamedEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let event: string | null = null;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A carriage return at the very end may be the first half of "\r\n".
      const complete = !done && rest.endsWith('\r') ? rest.length - 1 : rest.length;
      const lines = rest.slice(0, complete).split(/\r\n|\r|\n/);
      rest = (lines.pop() ?? '') + rest.slice(complete);
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) {
            yield { event, data: data.join('\n') };
          }
          data = [];
          event = null;
        } else if (line.startsWith('data:')) {
          data.push(valueOf(line, 5));
        } else if (line.startsWith('event:')) {
          event = valueOf(line, 6);
        }
      }
      if (done) {
        return;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The `data` of each event alone, for streams whose events have no names. */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  for await (const { data } of readNamedEvents(stream)) {
    yield data;
  }
}

function valueOf(line: string, start: number): string {
  return line.slice(line.charAt(start) === ' ' ? start + 1 : start);
}
