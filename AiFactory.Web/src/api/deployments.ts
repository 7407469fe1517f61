import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { projectPath, request, withQuery } from './http';
import type { Deployment, DeploymentPhase, DeploymentRequest, Page } from './types';

/** Deployments are watched: what a worker does shows within two seconds. */
const interval = 2_000;

export const deploymentsQuery = (project: string) =>
  queryOptions({
    queryKey: ['deployments', project],
    queryFn: async ({ signal }) => {
      const all: Deployment[] = [];
      let after: string | null = null;
      do {
        const page: Page<Deployment> = await request<Page<Deployment>>(withQuery(projectPath(project, 'deployments'), { after }), { signal });
        all.push(...page.items);
        after = page.next;
      } while (after !== null);
      return all;
    },
    refetchInterval: interval,
  });

export const deploymentQuery = (project: string, name: string) =>
  queryOptions({
    queryKey: ['deployments', project, name],
    queryFn: ({ signal }) => request<Deployment>(deploymentPath(project, name), { signal }),
    refetchInterval: interval,
  });

/** A call is answered now or in a moment: not by what is stopped, has failed, or stands on a revoked version. */
const callable: ReadonlySet<DeploymentPhase> = new Set(['ready', 'degraded', 'progressing', 'pending']);

export const isCallable = ({ phase }: Deployment) => callable.has(phase);

/** What may be chosen as a model, by name. */
export function callableNames(deployments: readonly Deployment[] | undefined, task: 'chat' | 'embedding'): string[] {
  return (deployments ?? []).filter((each) => each.task === task && isCallable(each)).map(({ name }) => name);
}

/** Why what was once chosen cannot be called any more. */
export function whyNotCallable(deployments: readonly Deployment[] | undefined, name: string): string | undefined {
  const found = deployments?.find((each) => each.name === name);
  return found && !isCallable(found) ? `${name} is ${found.phase}. ${found.message ?? ''}`.trimEnd() : undefined;
}

/** All that is desired of a deployment, as it was read: a PUT is the whole of it, and is refused where somebody, or a rollout, has changed it since. */
export function desiredOf(read: Deployment): DeploymentRequest {
  const { name, modelVersionId, visibility, replicas, contextLength, slots, quantization = null, traffic, cache, routing, updatedAt } = read;
  return { name, modelVersionId, visibility, replicas, contextLength, slots, quantization, traffic, cache, routing, updatedAt };
}

export function useCreateDeployment(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (body: DeploymentRequest) => request<Deployment>(projectPath(project, 'deployments'), { method: 'POST', body }),
    onSettled: refresh,
  });
}

export function useUpdateDeployment(project: string) {
  const refresh = useRefresh(project);
  return useMutation({
    mutationFn: (body: DeploymentRequest) => request<Deployment>(deploymentPath(project, body.name), { method: 'PUT', body }),
    onSettled: refresh,
  });
}

export function useDeleteDeployment(project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => request<void>(deploymentPath(project, name), { method: 'DELETE' }),
    onSuccess: (_, name) => {
      client.setQueryData(deploymentsQuery(project).queryKey, (all) => all?.filter((each) => each.name !== name));
    },
    // Exactly the list, and nobody waits for it: the page of the one that is gone leaves before it would ask again.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['deployments', project], exact: true });
    },
  });
}

function useRefresh(project: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['deployments', project] });
}

function deploymentPath(project: string, name: string): string {
  return projectPath(project, `deployments/${encodeURIComponent(name)}`);
}
