import type { ComponentType } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { SignInPage } from '../features/signin/SignInPage';
import { NotFoundPage } from './NotFoundPage';
import { RequireSession } from './RequireSession';
import { RouteError } from './RouteError';
import { Shell } from './Shell';
import { Splash } from './Splash';
import { ToProject } from './ToProject';

type Loaded<Name extends string> = Record<Name, ComponentType>;

/** A page in a file of its own, loaded when it is first opened. */
function page<Name extends string>(load: () => Promise<Loaded<Name>>, name: Name): RouteObject['lazy'] {
  return async () => ({ Component: (await load())[name] });
}

export const routes: RouteObject[] = [
  { path: '/signin', Component: SignInPage, ErrorBoundary: RouteError },
  {
    Component: RequireSession,
    ErrorBoundary: RouteError,
    HydrateFallback: Splash,
    children: [
      {
        path: '/p/:project',
        Component: Shell,
        children: [
          {
            ErrorBoundary: RouteError,
            children: [
              { index: true, lazy: page(() => import('../features/overview/OverviewPage'), 'OverviewPage') },
              { path: 'models', lazy: page(() => import('../features/models/ModelsPage'), 'ModelsPage') },
              { path: 'models/*', lazy: page(() => import('../features/models/ModelPage'), 'ModelPage') },
              { path: 'deployments', lazy: page(() => import('../features/deployments/DeploymentsPage'), 'DeploymentsPage') },
              { path: 'deployments/:name', lazy: page(() => import('../features/deployments/DeploymentPage'), 'DeploymentPage') },
              { path: 'playground', lazy: page(() => import('../features/playground/PlaygroundPage'), 'PlaygroundPage') },
              { path: 'flows', lazy: page(() => import('../features/flows/FlowsPage'), 'FlowsPage') },
              { path: 'flows/:name', handle: { wide: true }, lazy: page(() => import('../features/flows/FlowPage'), 'FlowPage') },
              { path: 'knowledge', lazy: page(() => import('../features/knowledge/KnowledgePage'), 'KnowledgePage') },
              { path: 'knowledge/:name', lazy: page(() => import('../features/knowledge/KnowledgeBasePage'), 'KnowledgeBasePage') },
              { path: 'agents', lazy: page(() => import('../features/agents/AgentsPage'), 'AgentsPage') },
              { path: 'threads', lazy: page(() => import('../features/threads/ThreadsPage'), 'ThreadsPage') },
              { path: 'threads/:id', lazy: page(() => import('../features/threads/ThreadPage'), 'ThreadPage') },
              { path: 'runs', lazy: page(() => import('../features/runs/RunsPage'), 'RunsPage') },
              { path: 'runs/:id', lazy: page(() => import('../features/runs/RunPage'), 'RunPage') },
              { path: 'sources', lazy: page(() => import('../features/sources/SourcesPage'), 'SourcesPage') },
              { path: 'traffic', lazy: page(() => import('../features/traffic/TrafficPage'), 'TrafficPage') },
              { path: 'jobs', lazy: page(() => import('../features/jobs/JobsPage'), 'JobsPage') },
              { path: 'upstreams', lazy: page(() => import('../features/upstreams/UpstreamsPage'), 'UpstreamsPage') },
              { path: 'workers', lazy: page(() => import('../features/workers/WorkersPage'), 'WorkersPage') },
              { path: 'keys', lazy: page(() => import('../features/keys/KeysPage'), 'KeysPage') },
              { path: 'limits', lazy: page(() => import('../features/limits/LimitsPage'), 'LimitsPage') },
              { path: 'guardrails', lazy: page(() => import('../features/guardrails/GuardrailsPage'), 'GuardrailsPage') },
              { path: 'audit', lazy: page(() => import('../features/audit/AuditPage'), 'AuditPage') },
              { path: '*', Component: NotFoundPage },
            ],
          },
        ],
      },
      // Addresses without a project lead to the same page of the project that was open last.
      { path: '*', Component: ToProject },
    ],
  },
];

export function createAppRouter() {
  return createBrowserRouter(routes);
}
