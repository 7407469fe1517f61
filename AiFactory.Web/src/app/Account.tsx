import { ActionIcon, Group, Menu, Tooltip, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useParams } from 'react-router';
import { useSession, useSignOut } from '../api/session';
import { IconCheck, IconDeviceDesktop, IconLogout, IconMoon, IconSun } from '../components/icons';
import styles from './Account.module.css';

const schemes = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
  { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
] as const satisfies { value: MantineColorScheme; label: string; icon: typeof IconSun }[];

/** Who is signed in, the colour scheme, and the way out. */
export function Account() {
  const { data: session } = useSession();
  const { project } = useParams();
  const own = session?.projects?.find(({ name }) => name === project);
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = schemes.find(({ value }) => value === colorScheme)?.icon ?? IconDeviceDesktop;

  return (
    <Group className={styles.account} gap={4} wrap="nowrap">
      <div className={styles.who} data-testid="account">
        <div className={styles.subject} title={session?.subject}>
          {session?.name ?? session?.subject}
        </div>
        <div className={styles.roles}>{[(own ?? session)?.roles.join(', '), session?.factoryWide && !own && 'whole factory'].filter(Boolean).join(' · ')}</div>
      </div>
      <Menu position="top-end" width={180} shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label="Colour scheme">
            <Icon size={16} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Colour scheme</Menu.Label>
          {schemes.map(({ value, label, icon: Symbol }) => (
            <Menu.Item
              key={value}
              leftSection={<Symbol size={14} />}
              rightSection={value === colorScheme && <IconCheck size={14} aria-label="chosen" />}
              onClick={() => setColorScheme(value)}
            >
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label="Sign out">
        <UnstyledButton className={styles.out} aria-label="Sign out" data-testid="sign-out" onClick={() => signOut.mutate()}>
          <IconLogout size={16} stroke={1.7} />
        </UnstyledButton>
      </Tooltip>
    </Group>
  );
}
