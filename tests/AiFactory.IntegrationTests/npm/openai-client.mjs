// The official OpenAI client for JavaScript against the gateway: prints what it saw as one JSON object.
import OpenAI, { toFile } from "openai";

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

// A batch: a file of requests, done when there is room, and the file of their answers.
const requests = ["Hello", "Count to ten."].map((content, number) => ({
  custom_id: `request-${number}`, method: "POST", url: "/v1/chat/completions", body: { model: "demo-chat", max_tokens: 8, messages: [{ role: "user", content }] },
}));
const file = await client.files.create({ file: await toFile(Buffer.from(requests.map((request) => JSON.stringify(request)).join("\n")), "in.jsonl"), purpose: "batch" });
let batch = await client.batches.create({ input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" });
for (const until = Date.now() + 60_000; !["completed", "failed"].includes(batch.status) && Date.now() < until; ) {
  await new Promise((done) => setTimeout(done, 100));
  batch = await client.batches.retrieve(batch.id);
}
const lines = (await (await client.files.content(batch.output_file_id)).text()).trim().split("\n").map((line) => JSON.parse(line));
seen.batch = { status: batch.status, counts: batch.request_counts, lines: lines.map((line) => [line.custom_id, line.response.body.object, line.response.body.usage.completion_tokens > 0]) };

console.log(JSON.stringify(seen));
