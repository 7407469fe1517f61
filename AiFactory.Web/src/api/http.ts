import { ApiError, errorFrom } from './problem';

/** Says that a call comes from this console: a form on another site cannot send it, so it stands against forged requests. */
export const consoleHeader = { 'x-aifactory-console': '1' } as const;

interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** Sends a call with the session's cookie. Throws `ApiError`; an aborted call throws the abort's own reason. */
export async function send(path: string, { method = 'GET', body, signal, headers }: RequestOptions = {}): Promise<Response> {
  const all: Record<string, string> = { accept: 'application/json', ...headers };
  if (method !== 'GET') {
    Object.assign(all, consoleHeader);
  }
  if (body !== undefined) {
    all['content-type'] = 'application/json';
  }
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: all,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal,
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new ApiError(0, 'The gateway did not answer', 'Check that the factory runs and that this machine can reach it.');
  }
  if (!response.ok) {
    throw await errorFrom(response);
  }
  return response;
}

export async function request<T>(path: string, options?: RequestOptions): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) {
    return undefined as T;
  }
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** `path` with every value encoded and the empty ones left out. */
export function withQuery(path: string, query: Record<string, string | number | null | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

export function projectPath(project: string, rest: string): string {
  return `/api/library/projects/${encodeURIComponent(project)}/${rest}`;
}

/** A model's name may have slashes, and they stay: the library reads the rest of the path as the name. */
export function namePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
