import { NavLink } from 'react-router';
import { useSession } from '../api/session';
import {
  IconActivity,
  IconBooks,
  IconBox,
  IconChartLine,
  IconCpu,
  IconFolderDown,
  IconGauge,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconMessageCircle,
  IconMessages,
  IconRobot,
  IconRocket,
  IconRoute2,
  IconShieldCheck,
  IconStack2,
  IconWorld,
} from '../components/icons';
import { projectHref } from '../components/useProject';
import styles from './Navigation.module.css';

const groups = [
  {
    name: null,
    items: [
      { page: '', label: 'Overview', icon: IconLayoutDashboard, permission: null },
      { page: 'models', label: 'Models', icon: IconBox, permission: 'models.read' },
      { page: 'deployments', label: 'Deployments', icon: IconRocket, permission: 'deployments.read' },
      { page: 'playground', label: 'Playground', icon: IconMessages, permission: 'inference.invoke' },
    ],
  },
  {
    name: 'Build',
    items: [
      { page: 'flows', label: 'Flows', icon: IconRoute2, permission: 'flows.read' },
      { page: 'knowledge', label: 'Knowledge', icon: IconBooks, permission: 'knowledge.read' },
      { page: 'agents', label: 'Agents', icon: IconRobot, permission: 'flows.read' },
      { page: 'threads', label: 'Threads', icon: IconMessageCircle, permission: 'threads.read' },
      { page: 'runs', label: 'Runs', icon: IconActivity, permission: 'flows.read' },
    ],
  },
  {
    name: 'Operate',
    items: [
      { page: 'traffic', label: 'Traffic', icon: IconChartLine, permission: 'usage.read' },
      { page: 'sources', label: 'Sources', icon: IconFolderDown, permission: 'models.read' },
      { page: 'jobs', label: 'Batches and jobs', icon: IconStack2, permission: 'inference.invoke' },
      { page: 'upstreams', label: 'Upstreams', icon: IconWorld, permission: 'upstreams.read' },
      { page: 'workers', label: 'Workers', icon: IconCpu, permission: 'workers.read' },
    ],
  },
  {
    name: 'Govern',
    items: [
      { page: 'keys', label: 'API keys', icon: IconKey, permission: 'keys.read' },
      { page: 'limits', label: 'Limits', icon: IconGauge, permission: 'usage.read' },
      { page: 'guardrails', label: 'Guardrails', icon: IconShieldCheck, permission: 'guardrails.read' },
      { page: 'audit', label: 'Audit', icon: IconHistory, permission: 'audit.read' },
    ],
  },
] as const;

/** Only the pages that the signed-in roles may read. */
export function Navigation({ project }: { project: string }) {
  const permissions = useSession().data?.permissions ?? [];
  return (
    <nav aria-label="Main" className={styles.nav}>
      {groups.map(({ name, items }) => {
        const visible = items.filter(({ permission }) => permission === null || permissions.includes(permission));
        return (
          visible.length > 0 && (
            <div key={name} className={styles.group}>
              {name && <div className={styles.heading}>{name}</div>}
              {visible.map(({ page, label, icon: Icon }) => (
                <NavLink key={page} to={projectHref(project, page)} end={page === ''} className={styles.link} data-testid={`nav-${page || 'overview'}`}>
                  <Icon size={16} stroke={1.7} aria-hidden />
                  {label}
                </NavLink>
              ))}
            </div>
          )
        );
      })}
    </nav>
  );
}
