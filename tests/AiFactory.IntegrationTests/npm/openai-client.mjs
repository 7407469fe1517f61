// The official OpenAI client for JavaScript against the gateway: prints what it saw as one JSON object.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
const seen = {};

const chat = await client.chat.completions.create({
  model: "demo-chat",
  max_tokens: 24,
  messages: [{ role: "user", content: "Hello, who are you?" }],
});
seen.chat = { object: chat.object, role: chat.choices[0].message.role, finish: chat.choices[0].finish_reason, usage: chat.usage };

const stream = await client.chat.completions.create({
  model: "demo-chat",
  max_tokens: 24,
  stream: true,
  stream_options: { include_usage: true },
  messages: [{ role: "user", content: "Count to ten." }],
});
seen.stream = { chunks: 0, text: "", finish: null, usage: null };
for await (const chunk of stream) {
  seen.stream.chunks++;
  seen.stream.text += chunk.choices[0]?.delta?.content ?? "";
  seen.stream.finish ??= chunk.choices[0]?.finish_reason ?? null;
  seen.stream.usage ??= chunk.usage ?? null;
}

const inputs = Array.from({ length: 256 }, (_, number) => `input number ${number}`);
const embeddings = await client.embeddings.create({ model: "demo-embed", input: inputs });
seen.embeddings = {
  count: embeddings.data.length,
  ordered: embeddings.data.every((item, index) => item.index === index),
  dimensions: embeddings.data[0].embedding.length,
  usage: embeddings.usage,
};

const models = await client.models.list();
seen.models = models.data.map((model) => model.id).sort();

console.log(JSON.stringify(seen));
