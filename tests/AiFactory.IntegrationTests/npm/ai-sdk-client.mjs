// The AI SDK with its provider for OpenAI-compatible services against the gateway: prints what it saw as one JSON object.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const door = createOpenAICompatible({
  name: "aifactory",
  baseURL: process.env.BASE_URL,
  apiKey: process.env.API_KEY,
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const model = door.chatModel("demo-chat");
const settings = { model, temperature: 0, maxOutputTokens: 48, maxRetries: 0 };
const seen = {};

const answer = await generateText({ ...settings, system: "You are brief.", prompt: "Hello, who are you?" });
seen.chat = { text: answer.text, tokens: answer.usage.outputTokens };

const stream = streamText({ ...settings, prompt: "Hello, who are you?" });
seen.stream = { chunks: 0, text: "" };
for await (const text of stream.textStream) {
  seen.stream.chunks++;
  seen.stream.text += text;
}
seen.stream.tokens = (await stream.usage).outputTokens;

// A tool: called, run by the SDK, and the result used in a second step.
const weather = tool({
  description: "Tells the weather of a city",
  inputSchema: z.object({ city: z.string().describe("The name of the city") }),
  execute: async ({ city }) => `It is 21 degrees in ${city}.`,
});
const worked = await generateText({
  ...settings,
  prompt: "What is the weather in Lisbon?",
  tools: { get_weather: weather },
  stopWhen: stepCountIs(2),
  prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? "required" : "auto" }),
});
const [{ toolCalls: [call], toolResults: [result] }] = worked.steps;
seen.tool = { name: call.toolName, args: call.input, result: result.output, said: worked.text };

// An answer of a given shape.
const shape = z.object({ name: z.string().max(12), age: z.number().int().min(0).max(150), city: z.enum(["Lisbon", "Porto"]) });
const structured = await generateText({ ...settings, maxOutputTokens: 96, output: Output.object({ schema: shape }), prompt: "Describe a person." });
seen.structured = shape.safeParse(structured.output).success;

const { embeddings } = await embedMany({ model: door.embeddingModel("demo-embed"), values: ["a cat", "a kitten", "a motorway", "a lorry", "a boat"], maxRetries: 0 });
seen.embeddings = { count: embeddings.length, dimensions: embeddings[0].length };

try {
  await generateText({ ...settings, model: door.chatModel("nobody"), prompt: "Hi" });
} catch (error) {
  seen.missing = { status: error.statusCode, code: JSON.parse(error.responseBody).error.code };
}

console.log(JSON.stringify(seen));
