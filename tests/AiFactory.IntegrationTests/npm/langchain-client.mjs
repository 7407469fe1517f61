// LangChain's client for OpenAI's protocol against the gateway: prints what it saw as one JSON object.
import { HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";

const door = { apiKey: process.env.API_KEY, maxRetries: 0, configuration: { baseURL: process.env.BASE_URL } };
const chat = new ChatOpenAI({ ...door, model: "demo-chat", temperature: 0, maxTokens: 48, streamUsage: true });
const seen = {};

const answer = await chat.invoke([new SystemMessage("You are brief."), new HumanMessage("Hello, who are you?")]);
seen.chat = { text: answer.text, tokens: answer.usage_metadata.output_tokens };

seen.stream = { chunks: 0, text: "", tokens: null };
for await (const chunk of await chat.stream("Hello, who are you?")) {
  seen.stream.chunks++;
  seen.stream.text += chunk.text;
  seen.stream.tokens = chunk.usage_metadata?.output_tokens ?? seen.stream.tokens;
}

// A tool: called, answered, and the result used.
const weather = tool(async ({ city }) => `It is 21 degrees in ${city}.`, {
  name: "get_weather",
  description: "Tells the weather of a city",
  schema: z.object({ city: z.string().describe("The name of the city") }),
});
const asked = [new HumanMessage("What is the weather in Lisbon?")];
const called = await chat.bindTools([weather], { tool_choice: "get_weather" }).invoke(asked);
const [call] = called.tool_calls;
const result = await weather.invoke(call);
const said = await chat.bindTools([weather]).invoke([...asked, called, new ToolMessage({ content: result.content, tool_call_id: call.id })]);
seen.tool = { name: call.name, args: call.args, result: result.content, said: said.text };

// An answer of a given shape.
const shape = z.object({ name: z.string().max(12), age: z.number().int().min(0).max(150), city: z.enum(["Lisbon", "Porto"]) });
seen.structured = shape.safeParse(await chat.withStructuredOutput(shape, { method: "jsonSchema" }).invoke("Describe a person.")).success;

const vectors = await new OpenAIEmbeddings({ ...door, model: "demo-embed", batchSize: 4 }).embedDocuments(["a cat", "a kitten", "a motorway", "a lorry", "a boat"]);
seen.embeddings = { count: vectors.length, dimensions: vectors[0].length };

try {
  await new ChatOpenAI({ ...door, model: "nobody" }).invoke("Hi");
} catch (error) {
  seen.missing = { status: error.status, code: error.code };
}

console.log(JSON.stringify(seen));
