import { vi } from 'vitest';

type Answer = unknown | Response | ((request: Request) => unknown | Promise<unknown>);

/** Answers `fetch` from a table of `METHOD /path`; what is not in it is 404. Returns the requests that came, in order. */
export function fakeApi(routes: Record<string, Answer>): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
    const request = new Request(new URL(path, 'http://console.test'), { ...init, signal: init?.signal ?? undefined });
    requests.push(request.clone());
    const url = new URL(request.url);
    const answer = routes[`${request.method} ${url.pathname}`];
    const body = typeof answer === 'function' ? await answer(request) : answer;
    if (body instanceof Response) {
      return body.clone();
    }
    return body === undefined ? problem(404, 'Not found', `${request.method} ${url.pathname}`) : Response.json(body);
  });
  return requests;
}

export function problem(status: number, title: string, detail: string, errors?: Record<string, string[]>): Response {
  return Response.json({ type: 'urn:aifactory:problem:test', title, status, detail, errors }, { status });
}

/** A stream of server-sent events; it stays open when `end` is false. */
export function eventStream(events: readonly unknown[], end = true): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const event of events) {
        controller.enqueue(encoder.encode(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`));
      }
      if (end) {
        controller.close();
      }
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
}
