type Parsed<T> = { value: T } | { error: string };

export function parseSchema(text: string): Parsed<unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { value } : { error: 'A JSON schema is an object.' };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** `Accept: application/json` on each line. */
export function parseHeaders(text: string): Parsed<Record<string, string>> {
  const value: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim();
    if (colon < 1 || !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
      return { error: `This is not a header: ${line.trim()}` };
    }
    value[name] = line.slice(colon + 1).trim();
  }
  return { value };
}

export function headersText(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}
