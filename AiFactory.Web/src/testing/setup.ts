import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// Not in happy-dom.
Object.defineProperty(document, 'fonts', { value: { addEventListener: () => undefined, removeEventListener: () => undefined }, configurable: true });
window.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;

// A first render loads a page's file, which takes a while on a busy machine.
configure({ asyncUtilTimeout: 20_000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});
