import { useEffect, type Dispatch } from 'react';
import type { HistoryAction } from './history';

/** Ctrl or Cmd with Z, Shift+Z and Y; in a field they are the field's own. */
export function useUndoKeys(dispatch: Dispatch<HistoryAction>, enabled: boolean) {
  useEffect(() => {
    if (!enabled) {
      return;
    }
    const onKey = (event: KeyboardEvent) => {
      const inField = event.target instanceof HTMLElement && event.target.closest('input, textarea, [contenteditable="true"], [role="dialog"]') !== null;
      if (inField || !(event.ctrlKey || event.metaKey) || event.altKey) {
        return;
      }
      const key = event.key.toLowerCase();
      if (key === 'z' || key === 'y') {
        event.preventDefault();
        dispatch({ type: key === 'y' || event.shiftKey ? 'redo' : 'undo' });
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [dispatch, enabled]);
}
