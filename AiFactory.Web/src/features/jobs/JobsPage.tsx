import { Tabs } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { PageHeader } from '../../components/PageHeader';
import { useProject } from '../../components/useProject';
import { Batches } from './Batches';
import { Jobs } from './Jobs';

const tabs = [
  { value: 'batches', label: 'Batches', Content: Batches },
  { value: 'jobs', label: 'Jobs', Content: Jobs },
];

export function JobsPage() {
  const project = useProject();
  const [parameters, setParameters] = useSearchParams();
  const tab = parameters.get('tab') ?? 'batches';
  return (
    <>
      <PageHeader title="Batches and jobs" description="Work that nobody waits for: it goes behind the requests of people, and outlives a restart." />
      <Tabs value={tab} onChange={(value) => setParameters(value === 'batches' || value === null ? {} : { tab: value }, { replace: true })} keepMounted={false}>
        <Tabs.List mb="md">
          {tabs.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value} data-testid={`tab-${value}`}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ value, Content }) => (
          <Tabs.Panel key={value} value={value}>
            <Content project={project} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
