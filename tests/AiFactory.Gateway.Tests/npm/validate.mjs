// Holds values to one JSON schema: {"schema": {...}, "values": [...]} on the standard input; prints for each what is wrong with it, or null.
import Ajv from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";

const { schema, values } = JSON.parse(readFileSync(0, "utf8"));
const ajv = new Ajv({ strict: true, allErrors: true });
const validate = ajv.compile(schema);
console.log(JSON.stringify(values.map((value) => (validate(value) ? null : ajv.errorsText(validate.errors)))));
