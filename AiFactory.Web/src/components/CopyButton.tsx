import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { IconCheck, IconCopy } from './icons';

/** Works without the clipboard API too, which browsers give only to https and localhost. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused: the older way may still be allowed.
    }
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  const host = document.activeElement?.closest('[role="dialog"]') ?? document.body;
  host.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}

interface CopyButtonProps {
  value: string;
  /** What is copied, for example "Copy digest". */
  label: string;
  /** Shown as a button with text, not as an icon alone. */
  text?: string;
}

export function CopyButton({ value, label, text }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') {
      return;
    }
    const timer = setTimeout(() => setState('idle'), 1_600);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = () => void copyText(value).then((copied) => setState(copied ? 'copied' : 'refused'));
  const icon = state === 'copied' ? <IconCheck size={14} /> : <IconCopy size={14} />;
  const says = state === 'copied' ? 'Copied' : state === 'refused' ? 'The browser refused; select and copy it' : label;
  if (text) {
    return (
      <Button variant="default" leftSection={icon} onClick={copy} aria-label={label}>
        {state === 'copied' ? 'Copied' : text}
      </Button>
    );
  }
  return (
    <Tooltip label={says}>
      <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={label}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
