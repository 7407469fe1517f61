import { Button, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { ErrorNotice } from './ErrorNotice';

interface ModalFormProps {
  title: string;
  action: string;
  saving: boolean;
  error: unknown;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function ModalForm({ title, action, saving, error, onSubmit, onClose, children }: ModalFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {error !== null && <ErrorNotice error={error} />}
          {children}
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={saving} data-testid="save">
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
