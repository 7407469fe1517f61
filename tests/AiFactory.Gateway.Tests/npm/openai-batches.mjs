// The official OpenAI client for JavaScript against the gateway's files and batches: prints what it saw as one JSON object.
import { createHash } from "node:crypto";
import OpenAI, { toFile } from "openai";

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
const seen = { errors: {} };
const line = (id, content) => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: { model: "demo-chat", messages: [{ role: "user", content }] } });
const text = [line("a", "Hi"), line("b", "Ho"), ""].join("\n");

const file = await client.files.create({ file: await toFile(Buffer.from(text), "in.jsonl"), purpose: "batch", expires_after: { anchor: "created_at", seconds: 3600 } });
seen.file = await client.files.retrieve(file.id);
seen.processed = (await client.files.waitForProcessing(file.id)).status;
seen.same = (await (await client.files.content(file.id)).text()) === text;

let batch = await client.batches.create({ input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h", metadata: { run: "7" } });
seen.created = batch.status;
for (const until = Date.now() + 30_000; !["completed", "failed"].includes(batch.status) && Date.now() < until; ) {
  await new Promise((done) => setTimeout(done, 20));
  batch = await client.batches.retrieve(batch.id);
}
seen.batch = batch;
seen.output = (await (await client.files.content(batch.output_file_id)).text()).trim().split("\n").map((one) => JSON.parse(one));

// Pages, as the client turns them.
seen.batches = [];
for await (const one of client.batches.list({ limit: 1 })) seen.batches.push(one.id === batch.id);
seen.files = [];
for await (const one of client.files.list({ limit: 1, order: "asc" })) seen.files.push(one.purpose);

// In parts, the second one first.
const halves = [Buffer.from(text.slice(0, 50)), Buffer.from(text.slice(50))];
const upload = await client.uploads.create({ filename: "parts.jsonl", purpose: "batch", bytes: Buffer.byteLength(text), mime_type: "application/jsonl" });
const last = await client.uploads.parts.create(upload.id, { data: await toFile(halves[1], "1") });
const first = await client.uploads.parts.create(upload.id, { data: await toFile(halves[0], "0") });
const whole = await client.uploads.complete(upload.id, { part_ids: [first.id, last.id], md5: createHash("md5").update(text).digest("hex") });
const unwanted = await client.uploads.create({ filename: "x", purpose: "batch", bytes: 1, mime_type: "application/jsonl" });
seen.upload = {
  pending: upload.status, part: first.object, completed: whole.status, name: whole.file.filename, same: (await (await client.files.content(whole.file.id)).text()) === text,
  cancelled: (await client.uploads.cancel(unwanted.id)).status,
};

async function failing(name, call) {
  try {
    await call();
  } catch (error) {
    seen.errors[name] = { class: error.constructor.name, status: error.status, code: error.code };
  }
}
await failing("cancel", () => client.batches.cancel(batch.id));
await failing("missing", () => client.files.retrieve("file-0"));
await failing("purpose", async () => client.files.create({ file: await toFile(Buffer.from("x"), "x.jsonl"), purpose: "fine-tune" }));
seen.deleted = await client.files.delete(file.id);

console.log(JSON.stringify(seen));
