import { ActionIcon, Autocomplete, Button, Group, Input, NumberInput, SegmentedControl, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deploymentsQuery, desiredOf, useUpdateDeployment } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import { usePermission } from '../../api/session';
import type { Deployment, TrafficPolicy, TrafficSplit } from '../../api/types';
import { upstreamsQuery } from '../../api/upstreams';
import { IconPlus, IconTrash } from '../../components/icons';
import { ModalForm } from '../../components/ModalForm';
import { ownShare, plainPolicy, stickyBy, stickyOf, type Sticky } from './trafficText';

const strategies = [
  { value: 'weighted', label: 'Weighted' },
  { value: 'latency', label: 'Lowest latency' },
];

const stickies: { value: Sticky; label: string }[] = [
  { value: 'request', label: 'None: each request is decided anew' },
  { value: 'caller', label: 'A caller stays with one' },
  { value: 'header', label: 'The same value of a header stays with one' },
];

/** The whole policy of a deployment: shares, fallbacks and copies. */
export function TrafficModal({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const update = useUpdateDeployment(deployment.project);
  // As it was when the dialog opened: a rollout may move it meanwhile, and then saving is refused.
  const [read] = useState(() => desiredOf(deployment));
  const [policy, setPolicy] = useState<TrafficPolicy>(read.traffic ?? {});
  const [sticky, setSticky] = useState(() => stickyOf(policy));
  const [copies, setCopies] = useState<TrafficSplit>(policy.shadow ?? { deployment: '', percent: 5 });
  const { targets, shadows } = useTargets(deployment);
  const splits = policy.splits ?? [];
  const own = ownShare(splits);
  const fields = update.error instanceof ApiError ? update.error.fields : {};
  const set = (change: Partial<TrafficPolicy>) => setPolicy({ ...policy, ...change });
  const setSplit = (index: number, change: Partial<TrafficSplit>) => set({ splits: splits.map((split, at) => (at === index ? { ...split, ...change } : split)) });
  const submit = () => {
    if (own < 0) {
      return;
    }
    const shadow = copies.deployment.trim() ? { ...copies, deployment: copies.deployment.trim() } : null;
    const named = splits.map((split) => ({ ...split, deployment: split.deployment.trim() }));
    const traffic = plainPolicy({ ...policy, splits: named, stickyBy: stickyBy(sticky.sticky, sticky.header), shadow });
    update.mutate({ ...read, traffic }, { onSuccess: onClose });
  };
  return (
    <ModalForm title={`Traffic of ${deployment.name}`} action="Save" saving={update.isPending} error={update.error} onSubmit={submit} onClose={onClose}>
      <Input.Wrapper
        label="Shares"
        description={splits.length === 0 ? 'Nobody else has a share of its requests.' : own < 0 ? undefined : `${deployment.name} answers the other ${own} %.`}
        error={own < 0 ? `They have ${100 - own} percent together: 100 is all there is.` : (fields['traffic.splits'] ?? fields['traffic'])}
      >
        {splits.map((split, index) => (
          <Group key={index} gap="xs" mt={6} wrap="nowrap" align="flex-start" data-testid={`split-${index + 1}`}>
            <Autocomplete
              aria-label={`Deployment ${index + 1}`}
              autoFocus={split.deployment === ''}
              placeholder="deployment"
              required
              flex={1}
              data={targets.filter((target) => target === split.deployment || !splits.some(({ deployment: taken }) => taken === target))}
              value={split.deployment}
              onChange={(target) => setSplit(index, { deployment: target })}
            />
            <NumberInput
              aria-label={`Percent of deployment ${index + 1}`}
              required
              w={110}
              min={1}
              max={100}
              allowDecimal={false}
              allowNegative={false}
              suffix=" %"
              value={split.percent}
              onChange={(percent) => setSplit(index, { percent: Number(percent) })}
            />
            <ActionIcon variant="subtle" color="gray" mt={4} aria-label={`Remove deployment ${index + 1}`} onClick={() => set({ splits: splits.filter((_, at) => at !== index) })}>
              <IconTrash size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          mt={8}
          size="compact-sm"
          variant="default"
          leftSection={<IconPlus size={13} />}
          disabled={own < 1}
          onClick={() => set({ splits: [...splits, { deployment: '', percent: Math.min(10, own) }] })}
          data-testid="add-split"
        >
          Add deployment
        </Button>
      </Input.Wrapper>
      {(splits.length > 0 || policy.strategy === 'latency' || sticky.sticky !== 'request') && (
        <>
          <Input.Wrapper label="Strategy" description={policy.strategy === 'latency' ? 'Who answers soonest gets the most; a share says who takes part, and how much' : 'Each gets its share'} error={fields['traffic.strategy']}>
            <SegmentedControl
              fullWidth
              mt={4}
              aria-label="Strategy"
              data={strategies}
              value={policy.strategy ?? 'weighted'}
              onChange={(strategy) => set({ strategy: strategy === 'latency' ? 'latency' : null })}
            />
          </Input.Wrapper>
          <Group grow align="flex-start" gap="sm">
            <Select
              label="Stickiness"
              data={stickies}
              allowDeselect={false}
              value={sticky.sticky}
              error={sticky.sticky === 'header' ? undefined : fields['traffic.stickyBy']}
              onChange={(value) => setSticky({ ...sticky, sticky: value as Sticky })}
            />
            {sticky.sticky === 'header' && (
              <TextInput
                label="Header"
                placeholder="x-user-id"
                required
                maxLength={64}
                value={sticky.header}
                error={fields['traffic.stickyBy']}
                onChange={(event) => setSticky({ ...sticky, header: event.currentTarget.value })}
              />
            )}
          </Group>
        </>
      )}
      <TagsInput
        label="Fallbacks"
        description="Asked in this order when those before cannot answer"
        placeholder={policy.fallbacks?.length ? undefined : 'none'}
        data={targets}
        value={policy.fallbacks ?? []}
        error={fields['traffic.fallbacks']}
        onChange={(fallbacks) => set({ fallbacks })}
      />
      <Group grow align="flex-start" gap="sm">
        <Autocomplete
          label="Shadow"
          description="Gets copies; its answers are thrown away"
          placeholder="nobody"
          data={shadows}
          value={copies.deployment}
          error={fields['traffic.shadow']}
          onChange={(target) => setCopies({ ...copies, deployment: target })}
        />
        <NumberInput
          label="Of the requests"
          description="At most 16 at once"
          min={1}
          max={100}
          allowDecimal={false}
          allowNegative={false}
          suffix=" %"
          disabled={!copies.deployment.trim()}
          value={copies.percent}
          onChange={(percent) => setCopies({ ...copies, percent: Number(percent) })}
        />
      </Group>
    </ModalForm>
  );
}

/** The names that may stand for a deployment: others with its task, and models of upstreams where one may see them. Copies go to deployments alone. */
function useTargets({ project, name, task }: Deployment): { targets: string[]; shadows: string[] } {
  const maySee = usePermission('upstreams.read');
  const { data: deployments } = useQuery({ ...deploymentsQuery(project), refetchInterval: false });
  const { data: upstreams } = useQuery({ ...upstreamsQuery(project), enabled: maySee });
  const shadows = (deployments ?? []).filter((each) => each.task === task && each.name !== name).map((each) => each.name);
  const bought = (upstreams ?? []).flatMap(({ models }) => models).filter((model) => (model.task ?? 'chat') === task).map((model) => model.name);
  return { targets: [...new Set([...shadows, ...bought])], shadows };
}
