// The official Anthropic client for JavaScript against the gateway: prints what it saw as one JSON object.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
const seen = { errors: {} };
const tools = [{ name: "weather", description: "The weather now", input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }];

seen.message = await client.messages.create({
  model: "demo-chat",
  max_tokens: 64,
  system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
  stop_sequences: ["END"],
  temperature: 0.5,
  metadata: { user_id: "u-1" },
  messages: [{ role: "user", content: "Hi" }],
});

const stream = client.messages.stream({
  model: "demo-chat",
  max_tokens: 64,
  thinking: { type: "enabled", budget_tokens: 1024 },
  tools,
  tool_choice: { type: "any", disable_parallel_tool_use: true },
  messages: [
    { role: "user", content: "Weather in Bonn?" },
    { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: "s" }, { type: "text", text: "Let me see." }, { type: "tool_use", id: "c1", name: "weather", input: { city: "Bonn" } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: "14 C" }] }, { type: "text", text: "And in Ulm?" }] },
  ],
});
seen.stream = { text: "", thinking: "", json: "", events: [] };
stream.on("text", (text) => (seen.stream.text += text));
stream.on("thinking", (text) => (seen.stream.thinking += text));
stream.on("inputJson", (part) => (seen.stream.json += part));
stream.on("streamEvent", (event) => seen.stream.events.push(event.type));
seen.stream.final = await stream.finalMessage();

seen.count = await client.messages.countTokens({ model: "demo-chat", system: "Be brief.", tools, messages: [{ role: "user", content: "Hi" }] });

async function failing(name, call) {
  try {
    await call();
  } catch (error) {
    seen.errors[name] = { class: error.constructor.name, status: error.status, type: error.error?.error?.type, message: error.message };
  }
}
const ask = (body) => client.messages.create({ model: "demo-chat", max_tokens: 8, messages: [{ role: "user", content: "Hi" }], ...body });
await failing("model", () => ask({ model: "nobody" }));
await failing("image", () => ask({ messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }, { type: "image", source: { type: "url", url: "https://example.com/a.png" } }] }] }));
await failing("stream", () => ask({ model: "nobody", stream: true }));
await failing("key", () => new Anthropic({ baseURL: process.env.BASE_URL, apiKey: "aif_wrong", maxRetries: 0 }).messages.create({ model: "demo-chat", max_tokens: 8, messages: [{ role: "user", content: "Hi" }] }));

console.log(JSON.stringify(seen));
