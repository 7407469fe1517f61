import { createContext, useContext } from 'react';
import type { FlowProblem, PortType, StepType } from '../../api/builder/types';
import type { StepProgress } from './runState';

export interface CanvasFacts {
  types: ReadonlyMap<string, StepType>;
  problems: ReadonlyMap<string, FlowProblem[]>;
  /** Null while nothing has run here. */
  steps: Readonly<Record<string, StepProgress>> | null;
  /** While a line is drawn: which type it carries and from which side. */
  drawing: { type: PortType; from: 'source' | 'target'; node: string } | null;
}

export const CanvasContext = createContext<CanvasFacts>({ types: new Map(), problems: new Map(), steps: null, drawing: null });

export function useCanvas(): CanvasFacts {
  return useContext(CanvasContext);
}
