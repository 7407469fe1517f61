import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { FlowGraph, FlowProblem, StepType } from '../../api/builder/types';
import { IconAlertTriangle, IconChevronDown, IconChevronRight } from '../../components/icons';
import styles from './editor.module.css';
import { titleOf } from './graph';

interface ProblemListProps {
  graph: FlowGraph;
  types: ReadonlyMap<string, StepType>;
  problems: readonly FlowProblem[];
  onOpen: (problem: FlowProblem) => void;
}

/** What stands between a draft and a run. Each leads to its step. */
export function ProblemList({ graph, types, problems, onOpen }: ProblemListProps) {
  const [opened, setOpened] = useState(true);
  if (problems.length === 0) {
    return null;
  }
  return (
    <section className={styles.problems} aria-label="Problems" data-testid="problems">
      <UnstyledButton className={styles.problemsHead} onClick={() => setOpened(!opened)} aria-expanded={opened}>
        <IconAlertTriangle size={14} aria-hidden />
        {problems.length === 1 ? '1 problem' : `${problems.length} problems`}
        {opened ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
      </UnstyledButton>
      {opened && (
        <ul>
          {problems.map((problem, index) => {
            const node = graph.nodes.find(({ id }) => id === problem.node);
            return (
              <li key={index}>
                <UnstyledButton className={styles.problem} onClick={() => onOpen(problem)} data-testid="problem">
                  {node && <b>{titleOf(node, types)} </b>}
                  {problem.message}
                </UnstyledButton>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
