import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorNotice } from './ErrorNotice';

interface ConfirmModalProps<T> {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  action: string;
  mutation: UseMutationResult<unknown, Error, T>;
  variables: T;
  /** False while what is asked for is not there yet. */
  ready?: boolean;
  onDone?: () => void;
}

/** Asks before something that cannot be undone; a refusal is shown where it was asked. */
export function ConfirmModal<T>({ opened, onClose, title, children, action, mutation, variables, ready = true, onDone }: ConfirmModalProps<T>) {
  const close = () => {
    mutation.reset();
    onClose();
  };
  const confirm = () =>
    mutation.mutate(variables, {
      onSuccess: () => {
        close();
        onDone?.();
      },
    });
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <Stack gap="md">
        {mutation.isError && <ErrorNotice error={mutation.error} />}
        <Text size="sm" component="div">
          {children}
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red.8" loading={mutation.isPending} disabled={!ready} onClick={confirm} data-testid="confirm">
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
