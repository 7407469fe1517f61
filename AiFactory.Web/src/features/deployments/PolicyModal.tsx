import { Group, NumberInput, Select, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deploymentsQuery, desiredOf, useUpdateDeployment } from '../../api/deployments';
import { ApiError } from '../../api/problem';
import type { CachePolicy, Deployment, RoutingPolicy } from '../../api/types';
import { ModalForm } from '../../components/ModalForm';
import { keptAnswers, plainCache, plainRouting, usualTtl } from './policyText';
import { secondsOf, spanOfSeconds } from './spans';

const usualThreshold = 0.95;

/** The cache policy and the routing policy of a deployment, whole. */
export function PolicyModal({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const update = useUpdateDeployment(deployment.project);
  // As it was when the dialog opened, like every form of a deployment.
  const [read] = useState(() => desiredOf(deployment));
  const [cache, setCache] = useState<CachePolicy>(read.cache ?? {});
  const [routing, setRouting] = useState<RoutingPolicy>(read.routing ?? {});
  const fields = update.error instanceof ApiError ? update.error.fields : {};
  const kept = keptAnswers(deployment.task);
  const change = (some: Partial<CachePolicy>) => setCache({ ...cache, ...some });
  return (
    <ModalForm
      title={`Cache and replicas of ${deployment.name}`}
      action="Save"
      saving={update.isPending}
      error={update.error}
      onSubmit={() => update.mutate({ ...read, cache: plainCache(cache), routing: plainRouting(routing) }, { onSuccess: onClose })}
      onClose={onClose}
    >
      {(kept || cache.responses) && (
        <Switch
          label={`Keep ${(kept ?? 'Answers').toLowerCase()}`}
          description={`${deployment.task === 'chat' ? 'Who' : 'Of rerank and score: who'} asks the same in the same project gets the answer at once. The header x-aifactory-cache tells, and bypass in it goes past the cache`}
          checked={cache.responses ?? false}
          onChange={(event) => change({ responses: event.currentTarget.checked })}
        />
      )}
      {(deployment.task === 'embedding' || cache.embeddings) && (
        <Switch
          label="Keep vectors"
          description="Each text is embedded once"
          checked={cache.embeddings ?? false}
          error={fields['cache.embeddings']}
          onChange={(event) => change({ embeddings: event.currentTarget.checked })}
        />
      )}
      {(cache.responses || cache.embeddings) && (
        <NumberInput
          label="For how long"
          w="50%"
          min={1}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          suffix=" s"
          placeholder={`${secondsOf(usualTtl).toLocaleString('en')} s`}
          value={cache.ttl ? secondsOf(cache.ttl) : ''}
          error={fields['cache.ttl']}
          onChange={(seconds) => change({ ttl: seconds === '' ? null : spanOfSeconds(Number(seconds)) })}
        />
      )}
      {cache.responses && (
        <Switch
          label="Only where chance has no part"
          description="Of requests with a seed or a temperature of 0"
          checked={cache.deterministicOnly ?? false}
          onChange={(event) => change({ deterministicOnly: event.currentTarget.checked })}
        />
      )}
      {cache.responses && (deployment.task === 'chat' || cache.semantic) && <NearQuestions project={deployment.project} cache={cache} fields={fields} onChange={change} />}
      <Switch
        label="Replicas nearby first"
        description="Those of the gateway's own zone, while they have room"
        checked={routing.preferZone ?? false}
        onChange={(event) => setRouting({ ...routing, preferZone: event.currentTarget.checked })}
      />
      {(deployment.task === 'chat' || routing.hedgeAfter) && (
        <NumberInput
          label="Ask a second replica after"
          description="A stream that has no first token by then is asked of another one too, and the sooner answers"
          placeholder="never"
          min={0}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          suffix=" ms"
          value={routing.hedgeAfter ? Math.round(secondsOf(routing.hedgeAfter) * 1_000) : ''}
          error={fields['routing.hedgeAfter']}
          onChange={(time) => setRouting({ ...routing, hedgeAfter: time === '' ? null : spanOfSeconds(Number(time) / 1_000) })}
        />
      )}
    </ModalForm>
  );
}

interface NearQuestionsProps {
  project: string;
  cache: CachePolicy;
  fields: Record<string, string>;
  onChange: (change: Partial<CachePolicy>) => void;
}

/** Questions that mean nearly the same: who compares them, and how near is near. */
function NearQuestions({ project, cache: { semantic }, fields, onChange }: NearQuestionsProps) {
  const { data: deployments, isError } = useQuery({ ...deploymentsQuery(project), refetchInterval: false });
  const embeds = (deployments ?? []).filter(({ task }) => task === 'embedding').map(({ name }) => name);
  const named = semantic?.embeddings;
  return (
    <>
      <Switch
        label="Also for questions that mean nearly the same"
        description="All but the last message must be equal"
        checked={semantic != null}
        disabled={!deployments && !semantic}
        error={isError ? 'Which deployments embed cannot be read now.' : semantic ? undefined : fields['cache.semantic']}
        onChange={(event) => onChange({ semantic: event.currentTarget.checked ? { embeddings: embeds[0] ?? '', threshold: usualThreshold } : null })}
      />
      {semantic && (
        <Group grow align="flex-start" gap="sm">
          <Select
            label="Compared by"
            description="A deployment that embeds"
            placeholder={deployments && embeds.length === 0 ? 'none in this project' : undefined}
            required
            allowDeselect={false}
            data={named && !embeds.includes(named) ? [...embeds, named] : embeds}
            value={named || null}
            error={fields['cache.semantic.embeddings'] ?? fields['cache.semantic']}
            onChange={(embeddings) => onChange({ semantic: { ...semantic, embeddings: embeddings ?? '' } })}
          />
          <NumberInput
            label="From a cosine of"
            description="Try it on questions that differ"
            required
            min={0.5}
            max={1}
            clampBehavior="none" // or a field that was cleared would say 0.5
            step={0.01}
            decimalScale={3}
            value={semantic.threshold}
            error={fields['cache.semantic.threshold']}
            onChange={(threshold) => onChange({ semantic: { ...semantic, threshold: Number(threshold) } })}
          />
        </Group>
      )}
    </>
  );
}
