// The official OpenAI client for JavaScript against the gateway's images and moderations: prints what it saw as one JSON object.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
const seen = {};

const made = await client.images.generate({ model: "paint", prompt: "a red square", n: 1 });
const shown = await fetch(made.data[0].url);
seen.link = { status: shown.status, type: shown.headers.get("content-type"), bytes: Buffer.from(await shown.arrayBuffer()).toString("base64") };
seen.bytes = (await client.images.generate({ model: "paint", prompt: "a red square", response_format: "b64_json" })).data[0].b64_json;

const verdict = await client.moderations.create({ input: ["fine", "Acme"] });
seen.flagged = verdict.results.map((result) => result.flagged);
seen.violence = verdict.results[1].categories.violence;
try {
  await client.moderations.create({ model: "omni-moderation-latest", input: "x" });
} catch (error) {
  seen.missing = { class: error.constructor.name, code: error.code };
}

console.log(JSON.stringify(seen));
