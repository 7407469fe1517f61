// The official Anthropic client for JavaScript against the gateway, for a model that an Anthropic-style upstream serves: prints what it saw as one JSON object.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
const asked = {
  model: "cloud",
  max_tokens: 64,
  system: "Be brief.",
  stop_sequences: ["END"],
  tools: [{ name: "weather", input_schema: { type: "object" } }],
  tool_choice: { type: "tool", name: "weather" },
  messages: [{ role: "user", content: "Weather?" }],
};
const message = await client.messages.create(asked);
const stream = await client.messages.stream(asked).finalMessage();
console.log(JSON.stringify({ message, stream }));
