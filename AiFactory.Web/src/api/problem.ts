/** RFC 9457 problem details, as our own services answer errors. */
export interface ProblemDetails {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  errors?: Record<string, string[]>;
  /** Finds the request in every service's logs and traces. */
  requestId?: string;
}

/** A call that did not succeed. `status` is 0 when no answer came at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string | null,
    readonly fields: Record<string, string> = {},
    readonly code: string | null = null,
    readonly requestId: string | null = null,
  ) {
    super(detail ?? title);
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

const titles: Record<number, string> = {
  400: 'The request was not accepted',
  401: 'Signed out',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  429: 'Too many requests',
  502: 'A service behind the gateway did not answer',
  503: 'A service is not ready',
  504: 'A service took too long',
};

/** Reads problem details, OpenAI's `{"error":{...}}`, or whatever else a proxy in between may have answered. */
export async function errorFrom(response: Response): Promise<ApiError> {
  const title = titles[response.status] ?? `The server answered ${response.status}`;
  const requestId = response.headers.get('x-request-id');
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    return new ApiError(response.status, title, null, {}, null, requestId);
  }
  return errorFromBody(response.status, title, body, requestId);
}

export function errorFromBody(status: number, title: string, body: unknown, requestId: string | null = null): ApiError {
  if (typeof body !== 'object' || body === null) {
    return new ApiError(status, title, null, {}, null, requestId);
  }
  const { error } = body as { error?: { message?: string; code?: string | null; type?: string } };
  if (error && typeof error === 'object') {
    return new ApiError(status, title, error.message ?? null, {}, error.code ?? error.type ?? null, requestId);
  }
  const problem = body as ProblemDetails;
  const fields: Record<string, string> = {};
  for (const [name, messages] of Object.entries(problem.errors ?? {})) {
    fields[name.charAt(0).toLowerCase() + name.slice(1)] = messages.join(' ');
  }
  const detail = problem.detail ?? (Object.values(fields).join(' ') || null);
  return new ApiError(status, problem.title ?? title, detail, fields, null, problem.requestId ?? requestId);
}
