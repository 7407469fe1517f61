import { send } from './http';
import { ApiError, errorFromBody } from './problem';
import { readEvents } from './sse';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  temperature?: number;
  max_tokens?: number;
}

export interface Usage {
  promptTokens: number;
  completionTokens: number;
}

/** What a stream says, piece by piece. */
export type ChatEvent =
  | { kind: 'text'; text: string }
  | { kind: 'finish'; reason: string }
  | { kind: 'usage'; usage: Usage };

interface Chunk {
  choices?: { delta?: { content?: string | null }; finish_reason?: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
}

export function chatBody(request: ChatRequest) {
  return { ...request, stream: true, stream_options: { include_usage: true } };
}

/** Streams one answer. An error in the middle of a stream is thrown as the same `ApiError` as one before it. */
export async function* streamChat(project: string, request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  const response = await send('/v1/chat/completions', {
    method: 'POST',
    body: chatBody(request),
    signal,
    headers: { accept: 'text/event-stream', 'OpenAI-Project': project },
  });
  if (response.body === null) {
    throw new ApiError(response.status, 'The answer was empty', null);
  }
  let done = false;
  for await (const data of readEvents(response.body)) {
    if (data === '[DONE]') {
      done = true;
      break;
    }
    const chunk = JSON.parse(data) as Chunk & { error?: unknown };
    if (chunk.error) {
      throw errorFromBody(response.status, 'The answer broke off', chunk, response.headers.get('x-request-id'));
    }
    const choice = chunk.choices?.[0];
    if (choice?.delta?.content) {
      yield { kind: 'text', text: choice.delta.content };
    }
    if (choice?.finish_reason) {
      yield { kind: 'finish', reason: choice.finish_reason };
    }
    if (chunk.usage) {
      yield { kind: 'usage', usage: { promptTokens: chunk.usage.prompt_tokens, completionTokens: chunk.usage.completion_tokens } };
    }
  }
  if (!done) {
    throw new ApiError(0, 'The answer broke off', 'The connection ended before the model had finished.');
  }
}
