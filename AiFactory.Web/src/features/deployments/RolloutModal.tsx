import { NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deploymentsQuery, isCallable } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import { useBeginRollout, type RolloutStrategy } from '../../api/rollouts';
import type { Deployment } from '../../api/types';
import { ModalForm } from '../../components/ModalForm';
import { sharesOf, spanOfMinutes } from './spans';

const strategies = [
  { value: 'canary', label: 'Share by share' },
  { value: 'blueGreen', label: 'All at once' },
];

const failures = [
  { value: 'rollback', label: 'Take all requests back' },
  { value: 'halt', label: 'Stay, and wait for somebody' },
];

/** What most rollouts need; the API has more (`onFailure` with other gates, a time or a number of requests for each step alone). */
export function RolloutModal({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const begin = useBeginRollout(deployment.project, deployment.name);
  const { data: deployments } = useQuery(deploymentsQuery(deployment.project));
  const others = (deployments ?? []).filter((each) => each.name !== deployment.name && each.task === deployment.task && isCallable(each)).map(({ name }) => name);
  const [candidate, setCandidate] = useState<string | null>(null);
  const [strategy, setStrategy] = useState<RolloutStrategy>('canary');
  const [shares, setShares] = useState('10, 50');
  const [minutes, setMinutes] = useState(10);
  const [requests, setRequests] = useState(50);
  const [percent, setPercent] = useState(5);
  const [onFailure, setOnFailure] = useState<'halt' | 'rollback'>('rollback');
  const fields = begin.error instanceof ApiError ? begin.error.fields : {};
  const steps = sharesOf(shares);
  const submit = () => {
    if (candidate === null || (strategy === 'canary' && steps === null)) {
      return;
    }
    const duration = spanOfMinutes(minutes);
    begin.mutate(
      {
        candidate,
        strategy,
        ...(strategy === 'canary' ? { steps: (steps ?? []).map((share) => ({ percent: share, duration, requests: null })) } : { watch: duration }),
        gates: { maxFailureShare: percent / 100, minRequests: requests },
        onFailure,
      },
      { onSuccess: onClose },
    );
  };
  return (
    <ModalForm title={`Roll out behind ${deployment.name}`} action="Roll out" saving={begin.isPending} error={begin.error} onSubmit={submit} onClose={onClose}>
      <Select
        label="Candidate"
        description={others.length === 0 ? 'There is no other deployment with this task: make one first.' : 'The deployment that is to answer; clients go on naming this one.'}
        data={others}
        value={candidate}
        onChange={setCandidate}
        error={fields['candidate']}
        required
        data-testid="rollout-candidate"
      />
      <SegmentedControl aria-label="Strategy" data={strategies} value={strategy} onChange={(value) => setStrategy(value as RolloutStrategy)} />
      {strategy === 'canary' && (
        <TextInput
          label="Shares in percent"
          value={shares}
          onChange={(event) => setShares(event.currentTarget.value)}
          error={fields['steps'] ?? (steps === null && 'Use whole numbers from 1 to 100, each more than the one before.')}
          data-testid="rollout-shares"
        />
      )}
      <NumberInput
        label={strategy === 'canary' ? 'Minutes for each share' : 'Minutes to watch it'}
        value={minutes}
        onChange={(value) => setMinutes(Number(value))}
        min={1}
        max={43_200}
        error={fields['watch']}
      />
      <NumberInput
        label="Requests that it takes to judge"
        description="Fewer are not judged, and do not end a step."
        value={requests}
        onChange={(value) => setRequests(Number(value))}
        min={0}
        allowDecimal={false}
        error={fields['gates.minRequests']}
      />
      <NumberInput label="Percent that may fail" value={percent} onChange={(value) => setPercent(Number(value))} min={0} max={100} error={fields['gates.maxFailureShare']} />
      <Select label="When it does worse" data={failures} value={onFailure} allowDeselect={false} onChange={(value) => setOnFailure(value === 'halt' ? 'halt' : 'rollback')} />
    </ModalForm>
  );
}
