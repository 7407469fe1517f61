import { Group, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import styles from './PageHeader.module.css';

interface PageHeaderProps {
  title: ReactNode;
  /** The document's title, when `title` is not a plain text. */
  documentTitle?: string;
  description?: ReactNode;
  actions?: ReactNode;
  above?: ReactNode;
}

export function PageHeader({ title, documentTitle, description, actions, above }: PageHeaderProps) {
  const name = documentTitle ?? (typeof title === 'string' ? title : 'Console');
  useEffect(() => {
    document.title = `${name} - AiFactory`;
  }, [name]);
  return (
    <header className={styles.header}>
      {above}
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className={styles.words}>
          <Title order={1}>{title}</Title>
          {description && (
            <Text size="sm" c="dimmed" mt={2} component="div">
              {description}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
    </header>
  );
}
