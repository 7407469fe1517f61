import { Fragment } from 'react';
import type { ModelVersion, ModelVersionState } from '../../api/types';
import { Ago } from '../../components/Ago';
import { Notice } from '../../components/Notice';
import styles from './Refusal.module.css';

const titles: Partial<Record<ModelVersionState, string>> = {
  quarantined: 'Quarantined: the scan refused this file',
  rejected: 'Rejected',
  failed: 'The file could not be brought in',
  revoked: 'Revoked: it may not be used any more',
};

/** Why a version may not be used; the byte at which a scan gave up stands out. */
export function Refusal({ version }: { version: ModelVersion }) {
  const title = titles[version.state];
  if (!title) {
    return null;
  }
  return (
    <Notice tone="bad" title={title} testId="refusal">
      {version.reason ? <Reason text={version.reason} /> : 'No reason was recorded.'}
      {version.revokedBy && version.revokedAt && (
        <p className={styles.reason}>
          By {version.revokedBy}, <Ago at={version.revokedAt} />
        </p>
      )}
    </Notice>
  );
}

function Reason({ text }: { text: string }) {
  // "offset 4096", "at byte 1,024", "byte offset 0x1f".
  const parts = text.split(/((?:byte offset|offset|byte) (?:0x[\da-f]+|\d+(?:,\d{3})*))/i);
  return (
    <p className={styles.reason}>
      {parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>))}
    </p>
  );
}
