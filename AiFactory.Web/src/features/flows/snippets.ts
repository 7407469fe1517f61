import { curlCommand } from '../../components/curl';

export function curlSnippet(model: string): string {
  return curlCommand(
    `${window.location.origin}/v1/chat/completions`,
    { model, messages: [{ role: 'user', content: 'What does the gateway do?' }], stream: true },
    true,
  );
}

export function openaiSnippet(model: string): string {
  return `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${window.location.origin}/v1', apiKey: process.env.AIFACTORY_KEY });
const stream = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'What does the gateway do?' }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
}`;
}
