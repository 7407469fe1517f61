// Validates each value of standard input's JSON ([{ schema, values: ["json text"] }]) and writes what was wrong with each: [["" or "why"]].
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';

const cases = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map(({ schema, values }) => {
  const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
  const validate = ajv.compile(schema);
  return values.map((text) => {
    try {
      return validate(JSON.parse(text)) ? '' : ajv.errorsText(validate.errors);
    } catch (error) {
      return error.message;
    }
  });
})));
