import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect } from 'react';
import { Link, Outlet, useLocation, useMatches } from 'react-router';
import { projectHref, useProject } from '../components/useProject';
import { Account } from './Account';
import { Brand } from './Brand';
import { lastProject } from './lastProject';
import { Navigation } from './Navigation';
import { ProjectChooser } from './ProjectChooser';
import styles from './Shell.module.css';

/** Sidebar and page; on a narrow screen the sidebar is a drawer behind the burger. */
export function Shell() {
  const project = useProject();
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  // A canvas takes the whole width and height; a page of text does not.
  const wide = useMatches().some(({ handle }) => (handle as { wide?: boolean } | undefined)?.wide);

  useEffect(() => lastProject.write(project), [project]);
  useEffect(close, [pathname, close]);

  return (
    <AppShell
      header={{ height: { base: 48, sm: 0 } }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={0}
      withBorder={false}
      transitionDuration={120}
    >
      <a href="#page" className={styles.skip}>
        Skip to the page
      </a>
      <AppShell.Header className={styles.header} hiddenFrom="sm">
        <Group h="100%" px="sm" gap="xs">
          <Burger opened={opened} onClick={toggle} size="sm" aria-label={opened ? 'Close navigation' : 'Open navigation'} />
          <Link to={projectHref(project)} className={styles.brand} aria-label="AiFactory overview">
            <Brand />
          </Link>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={styles.navbar}>
        <Link to={projectHref(project)} className={styles.brand} data-wide aria-label="AiFactory overview">
          <Brand />
        </Link>
        <ProjectChooser project={project} />
        <Navigation project={project} />
        <Account />
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} className={styles.main}>
        <div className={styles.page} data-full={wide || undefined}>
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}
