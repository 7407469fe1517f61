// The reference implementation of Standard Webhooks: {"secrets": [...], "messages": [{"payload": "...", "headers": {...}}]} on the standard input; prints, for each message
// and each secret, whether the signature holds.
import { Webhook } from "standardwebhooks";
import { readFileSync } from "node:fs";

const { secrets, messages } = JSON.parse(readFileSync(0, "utf8"));
const holds = (secret, { payload, headers }) => {
  try {
    return JSON.stringify(new Webhook(secret).verify(payload, headers)) === JSON.stringify(JSON.parse(payload));
  } catch (error) {
    return error.message;
  }
};
console.log(JSON.stringify(messages.map((message) => secrets.map((secret) => holds(secret, message)))));
