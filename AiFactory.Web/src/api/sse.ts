/**
 * The `data` of each server-sent event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream):
 *
 *     : a comment
 *     data: {"choices":[{"delta":{"content":"Hel"}}]}
 *     <empty line>
 *     data: [DONE]
 *
 * A chunk may end anywhere, in the middle of a line or of a character. Leaving the loop cancels the stream, and so stops the answer at the worker.
 */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
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
            yield data.join('\n');
            data = [];
          }
        } else if (line.startsWith('data:')) {
          data.push(line.slice(line.charAt(5) === ' ' ? 6 : 5));
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
