const key = 'aifactory.project';

/** The project that was open last in this browser. Storage may be refused; then nothing is remembered. */
export const lastProject = {
  read(): string | null {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  write(project: string): void {
    try {
      localStorage.setItem(key, project);
    } catch {
      // Private windows may refuse it.
    }
  },
};
