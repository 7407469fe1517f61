import { useMutation } from '@tanstack/react-query';
import { request } from './http';

interface EmbeddingList {
  data: { index: number; embedding: number[] }[];
  usage: { prompt_tokens: number };
}

export interface Embeddings {
  /** One for each input, in the inputs' order: `[inputs, dimensions]`. */
  vectors: number[][];
  promptTokens: number;
  milliseconds: number;
}

export function useEmbed(project: string) {
  return useMutation({
    mutationFn: async ({ model, input }: { model: string; input: string[] }): Promise<Embeddings> => {
      const start = performance.now();
      const answer = await request<EmbeddingList>('/v1/embeddings', {
        method: 'POST',
        body: { model, input },
        headers: { 'OpenAI-Project': project },
      });
      return {
        vectors: answer.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding),
        promptTokens: answer.usage.prompt_tokens,
        milliseconds: performance.now() - start,
      };
    },
  });
}
