import { Button } from '@mantine/core';
import { useChainCheck } from '../../api/audit';
import { Address } from '../../components/Address';
import { ErrorNotice } from '../../components/ErrorNotice';
import { formatNumber } from '../../components/format';
import { IconShieldCheck } from '../../components/icons';
import { Notice } from '../../components/Notice';
import styles from './audit.module.css';

/** Each entry holds a hash over the one before: whether any was changed, taken out or put in. */
export function ChainCheck() {
  const check = useChainCheck();
  const found = check.data;
  return (
    <div className={styles.check}>
      <div className={styles.checkHead}>
        <span>Each entry holds a hash over the one before it.</span>
        <Button size="compact-sm" variant="default" leftSection={<IconShieldCheck size={14} />} loading={check.isPending} onClick={() => check.mutate()} data-testid="check-chain">
          Check the chain
        </Button>
      </div>
      {check.isError && <ErrorNotice error={check.error} onRetry={() => check.mutate()} />}
      {found && (
        <Notice
          tone={found.intact ? 'info' : 'bad'}
          testId="chain"
          title={found.intact ? `Whole: ${formatNumber(found.entries)} ${found.entries === 1 ? 'entry' : 'entries'}` : found.brokenAt === null ? 'The end of the chain is gone' : `Broken at entry ${formatNumber(found.brokenAt)}`}
        >
          {found.head === null ? (
            'The row that keeps the last hash is not there any more.'
          ) : (
            <>
              {found.intact
                ? 'A copy of the last hash, kept elsewhere, tells later whether all of it was made anew:'
                : 'The entries before it are whole; this one is missing, was changed or was put in. The last hash, which the logs of the gateways tell too:'}{' '}
              <Address value={found.head} shown={`${found.head.slice(0, 16)}…`} label="the last hash" />
            </>
          )}
        </Notice>
      )}
    </div>
  );
}
