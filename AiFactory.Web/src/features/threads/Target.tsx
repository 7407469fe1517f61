import { IconBolt, IconRobot, IconRoute2 } from '../../components/icons';
import styles from './threads.module.css';

const icons = { flow: IconRoute2, agent: IconRobot, model: IconBolt };

/** `flow:handbook` as an icon and a name. */
export function Target({ target }: { target: string }) {
  const [kind = '', ...rest] = target.split(':');
  const Icon = kind in icons ? icons[kind as keyof typeof icons] : IconBolt;
  return (
    <span className={styles.target}>
      <Icon size={14} stroke={1.7} aria-hidden />
      {rest.join(':')}
      <span className={styles.quiet}>{kind}</span>
    </span>
  );
}
