// The official OpenAI client for JavaScript against a published flow: prints what it saw as one JSON object.
import OpenAI from "openai";

const model = process.env.MODEL;
const client = new OpenAI({
  baseURL: process.env.BASE_URL,
  apiKey: process.env.API_KEY,
  maxRetries: 0,
  defaultHeaders: { traceparent: process.env.TRACEPARENT },
});
const messages = [{ role: "user", content: process.env.QUESTION }];
const seen = {};

const chat = await client.chat.completions.create({ model, messages });
seen.chat = { id: chat.id, model: chat.model, text: chat.choices[0].message.content, finish: chat.choices[0].finish_reason, usage: chat.usage };

const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
seen.stream = { chunks: 0, text: "", finish: null, usage: null };
for await (const chunk of stream) {
  seen.stream.chunks++;
  seen.stream.text += chunk.choices[0]?.delta?.content ?? "";
  seen.stream.finish ??= chunk.choices[0]?.finish_reason ?? null;
  seen.stream.usage ??= chunk.usage ?? null;
}

seen.models = (await client.models.list()).data.map((entry) => entry.id);
seen.owner = (await client.models.retrieve(model)).owned_by;

try {
  await client.chat.completions.create({ model: "flow/nobody", messages });
} catch (error) {
  seen.missing = { status: error.status, code: error.code };
}

console.log(JSON.stringify(seen));
