import { Menu, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useProjects } from '../api/projects';
import { usePermission } from '../api/session';
import { IconCheck, IconFolderPlus, IconSelector } from '../components/icons';
import { projectHref } from '../components/useProject';
import { CreateProjectModal } from './CreateProjectModal';
import styles from './ProjectChooser.module.css';

export function ProjectChooser({ project }: { project: string }) {
  const { data } = useProjects();
  const mayCreate = usePermission('projects.write');
  const [creating, setCreating] = useState(false);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const projects = data?.items ?? [];
  const shown = projects.find(({ name }) => name === project)?.displayName ?? project;
  // Stay on the same page, but not on one thing of the other project.
  const page = pathname.split('/')[3] ?? '';

  return (
    <>
      <Menu position="bottom-start" width="target" shadow="md" withinPortal>
        <Menu.Target>
          <UnstyledButton className={styles.chooser} aria-label={`Project: ${shown}`} data-testid="project-chooser">
            <span className={styles.initial} aria-hidden>
              {shown.charAt(0).toUpperCase()}
            </span>
            <span className={styles.name}>{shown}</span>
            <IconSelector size={14} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Projects</Menu.Label>
          {projects.map(({ name, displayName }) => (
            <Menu.Item
              key={name}
              rightSection={name === project && <IconCheck size={14} aria-label="open" />}
              onClick={() => void navigate(projectHref(name, page))}
            >
              {displayName}
            </Menu.Item>
          ))}
          {mayCreate && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconFolderPlus size={14} />} onClick={() => setCreating(true)}>
                New project
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <CreateProjectModal opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}
