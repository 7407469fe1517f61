import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApiKeyCreated } from '../../api/types';
import { CodeBlock } from '../../components/CodeBlock';
import { Notice } from '../../components/Notice';

/** A key's secret, the one time that it is shown. */
export function KeySecret({ created, onClose, children }: { created: ApiKeyCreated; onClose: () => void; children?: ReactNode }) {
  return (
    <Modal opened onClose={onClose} title={`Key ${created.key.name}`} closeOnClickOutside={false} closeOnEscape={false}>
      <Stack gap="sm">
        <Notice tone="warn" title="Copy it now">
          It is shown this once; nobody can read it again.
        </Notice>
        <CodeBlock code={created.secret} label="API key" testId="key-secret" />
        {children}
        <Group justify="flex-end" mt="xs">
          <Button onClick={onClose} data-testid="key-done">
            I have copied it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
