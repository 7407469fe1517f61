import { render } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { Providers } from '../app/Providers';
import { routes } from '../app/router';
import type { Deployment, Session } from '../api/types';

export const admin: Session = {
  subject: 'user:console',
  project: 'default',
  roles: ['admin'],
  factoryWide: true,
  permissions: [
    'projects.read',
    'projects.write',
    'keys.read',
    'keys.write',
    'models.read',
    'models.write',
    'models.approve',
    'deployments.read',
    'deployments.write',
    'workers.read',
    'audit.read',
    'usage.read',
    'limits.write',
    'guardrails.read',
    'guardrails.write',
    'upstreams.read',
    'upstreams.write',
    'inference.invoke',
    'flows.read',
    'flows.write',
    'flows.run',
    'knowledge.read',
    'knowledge.write',
    'threads.read',
    'threads.write',
  ],
};

export const projects = { items: [{ name: 'default', displayName: 'Default', approvalPolicy: 'single', createdAt: '2026-11-21T04:00:00Z' }], next: null };

export const signedIn = { 'GET /api/session': admin, 'GET /api/library/projects': projects };

export const demoChat: Deployment = {
  id: '1',
  project: 'default',
  name: 'demo-chat',
  model: 'demo-chat',
  modelVersion: 1,
  modelVersionId: 'v1',
  task: 'chat',
  digest: 'sha256:00',
  visibility: 'project',
  replicas: 1,
  readyReplicas: 1,
  contextLength: null,
  slots: null,
  phase: 'ready',
  message: null,
  endpoint: '/v1/chat/completions',
  createdBy: 'system:seed',
  createdAt: '2026-11-21T04:00:00Z',
  updatedAt: '2026-11-21T04:00:00Z',
  observed: [],
};

/** The whole console at one address. */
export function renderPage(address: string) {
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  render(
    <Providers>
      <RouterProvider router={router} />
    </Providers>,
  );
  return router;
}
