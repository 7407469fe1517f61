/** In single quotes nothing is special to a POSIX shell; a quote itself is closed, escaped and opened again. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command that does the same call from a terminal, with the key from the environment. */
export function curlCommand(url: string, body: unknown, streamed = false): string {
  return [
    `curl ${streamed ? '-N ' : ''}${url} \\`,
    '  -H "Authorization: Bearer $AIFACTORY_KEY" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d ${shellQuote(JSON.stringify(body, null, 2))}`,
  ].join('\n');
}

/** The smallest call that a deployment answers. */
export function firstCall(deployment: { name: string; task: string; endpoint: string }): string {
  const url = window.location.origin + deployment.endpoint;
  const bodies: Record<string, unknown> = {
    embedding: { model: deployment.name, input: 'Steel is an alloy of iron and carbon.' },
    rerank: { model: deployment.name, query: 'What is steel?', documents: ['Steel is an alloy of iron and carbon.', 'Paris lies on the Seine.'] },
  };
  return curlCommand(url, bodies[deployment.task] ?? { model: deployment.name, messages: [{ role: 'user', content: 'Hello!' }] });
}
