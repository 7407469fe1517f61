import type { Model, ModelVersion } from '../../api/types';

/** Only what passed the gate, newest first. */
export function deployableVersions(models: readonly Model[]): ModelVersion[] {
  return models.flatMap((model) => model.versions.filter((version) => version.state === 'approved'));
}

/** "org/Llama 3 8B" -> "Llama-3-8B": a name that clients can send as `model`. */
export function suggestName(model: string): string {
  return (model.split('/').at(-1) ?? model)
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
}
