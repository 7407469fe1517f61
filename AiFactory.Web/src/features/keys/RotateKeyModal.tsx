import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useRotateKey } from '../../api/keys';
import { ApiError } from '../../api/problem';
import type { ApiKey } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { formatTime } from '../../components/format';
import { KeySecret } from './KeySecret';
import { expiry, lifetimes } from './lifetime';

const overlaps = [
  { value: '0', label: 'Not at all: it ends now' },
  { value: '3600', label: 'For an hour' },
  { value: '86400', label: 'For a day' },
  { value: '604800', label: 'For 7 days' },
  { value: '2592000', label: 'For 30 days' },
];

const asBefore = 'as-before';

/** Makes a key that is what this one is under another secret; both are valid until programs have changed over. */
export function RotateKeyModal({ apiKey: key, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const rotate = useRotateKey(key.project);
  const [overlap, setOverlap] = useState('86400');
  const [days, setDays] = useState(asBefore);
  const fields = rotate.error instanceof ApiError ? rotate.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate({ id: key.id, overlapSeconds: Number(overlap), expiresAt: days === asBefore ? null : expiry(days) });
  };

  if (rotate.data) {
    const former = rotate.data.replaced;
    return (
      <KeySecret created={rotate.data} onClose={onClose}>
        <Text size="sm">
          The former key {key.prefix}... {former?.expiresAt && !former.revokedAt ? `is valid until ${formatTime(former.expiresAt)}.` : 'has ended.'}
        </Text>
      </KeySecret>
    );
  }
  return (
    <Modal opened onClose={onClose} title={`Rotate ${key.name}`}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {rotate.isError && <ErrorNotice error={rotate.error} />}
          <Text size="sm">A new key with the same name, roles and limits comes in its place. Give it to the programs that use this one before this one ends.</Text>
          <Select
            label="The former key stays valid"
            data={overlaps}
            value={overlap}
            allowDeselect={false}
            error={fields.overlapSeconds}
            onChange={(value) => setOverlap(value ?? '86400')}
          />
          <Select
            label="The new key expires"
            data={[{ value: asBefore, label: 'As the former one' }, ...lifetimes.filter(({ value }) => value !== '')]}
            value={days}
            allowDeselect={false}
            error={fields.expiresAt}
            onChange={(value) => setDays(value ?? asBefore)}
          />
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={rotate.isPending} data-testid="rotate-submit">
              Rotate key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
