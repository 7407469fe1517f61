import { Tooltip, UnstyledButton } from '@mantine/core';
import type { StepType } from '../../api/builder/types';
import { stepDragType } from './Canvas';
import styles from './editor.module.css';
import { stepIcon } from './stepIcon';

/** The step types: dragged onto the canvas, or added by a click or Enter. */
export function Palette({ types, onAdd }: { types: readonly StepType[]; onAdd: (type: string) => void }) {
  return (
    <aside className={styles.palette} aria-label="Steps to add">
      <div className={styles.paletteTitle}>Steps</div>
      <ul className={styles.paletteList}>
        {types.map(({ type, title, description }) => {
          const Icon = stepIcon(type);
          return (
            <li key={type}>
              <Tooltip label={description} position="right" multiline w={230}>
                <UnstyledButton
                  className={styles.paletteItem}
                  draggable
                  onDragStart={(event) => {
                    event.dataTransfer.setData(stepDragType, type);
                    event.dataTransfer.effectAllowed = 'copy';
                  }}
                  onClick={() => onAdd(type)}
                  aria-label={`Add ${title}`}
                  data-testid={`palette-${type}`}
                >
                  <Icon size={16} stroke={1.7} aria-hidden />
                  {title}
                </UnstyledButton>
              </Tooltip>
            </li>
          );
        })}
      </ul>
    </aside>
  );
}
