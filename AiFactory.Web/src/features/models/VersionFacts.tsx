import type { ModelVersion } from '../../api/types';
import { Address } from '../../components/Address';
import { Ago } from '../../components/Ago';
import { Definitions } from '../../components/Definitions';
import { formatBytes, formatCount, formatNumber, shortDigest } from '../../components/format';

export function VersionFacts({ version }: { version: ModelVersion }) {
  const { metadata, digest, parts } = version;
  return (
    <Definitions
      items={[
        ['Arrived', <Ago at={version.createdAt} />],
        ['Size', formatBytes(version.sizeBytes) + (parts ? ` in ${parts.length} files` : '')],
        ['Digest', digest && <Address value={digest} shown={shortDigest(digest)} label="digest" />],
        ['Format', metadata?.format.toUpperCase()],
        ['Architecture', metadata?.architecture],
        ['Task', metadata?.task],
        ['Parameters', metadata && formatCount(metadata.parameters)],
        ['Quantisation', metadata?.quantization],
        ['Context', metadata && `${formatNumber(metadata.contextLength)} tokens`],
        ['Layers', metadata && formatNumber(metadata.layers)],
        ['Embedding width', metadata && formatNumber(metadata.embeddingLength)],
        ['Vocabulary', metadata && formatNumber(metadata.vocabularySize)],
        ['Chat template', metadata && (metadata.hasChatTemplate ? 'yes' : 'none')],
        ['Licence', metadata && (metadata.license ?? 'not stated')],
      ]}
    />
  );
}
