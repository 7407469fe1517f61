// Renders each template of standard input's JSON ([{ template, variables }]) and writes what each gave: [{ text }] or [{ error }].
import { Template } from '@huggingface/jinja';
import { readFileSync } from 'node:fs';

// The moment that the tests' clock shows.
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length > 0 ? given : ['2026-03-05T09:04:07Z']));
  }
};

const cases = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map(({ template, variables }) => {
  try {
    return { text: new Template(template).render(variables) };
  } catch (error) {
    return { error: error.message };
  }
})));
