import { SegmentedControl, Tabs } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { auditQuery, callAuditQuery } from '../../api/audit';
import { useSession } from '../../api/session';
import { PageHeader } from '../../components/PageHeader';
import { useProject } from '../../components/useProject';
import { CallsTable } from './CallsTable';
import { ChainCheck } from './ChainCheck';
import { ChangesTable } from './ChangesTable';
import { Entries } from './Entries';

const tabs = [
  { value: 'changes', label: 'Changes' },
  { value: 'calls', label: 'Refusals and sessions' },
];

export function AuditPage() {
  const own = useProject();
  const { data: session } = useSession();
  const [scope, setScope] = useState('project');
  const [parameters, setParameters] = useSearchParams();
  const tab = parameters.get('tab') === 'calls' ? 'calls' : 'changes';
  const project = scope === 'factory' ? null : own;
  return (
    <>
      <PageHeader
        title="Audit"
        description="Who did what, newest first. Nothing here is ever changed or deleted."
        actions={
          session?.factoryWide && (
            <SegmentedControl
              size="xs"
              aria-label="Scope"
              data={[
                { value: 'project', label: 'This project' },
                { value: 'factory', label: 'Whole factory' },
              ]}
              value={scope}
              onChange={setScope}
            />
          )
        }
      />
      <Tabs value={tab} onChange={(value) => setParameters(value === 'changes' || value === null ? {} : { tab: value }, { replace: true })} keepMounted={false}>
        <Tabs.List mb="md">
          {tabs.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value} data-testid={`tab-${value}`}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="changes">
          <Entries query={auditQuery(project)} empty="Every change to models, deployments, sources and keys is written here.">
            {(entries) => <ChangesTable entries={entries} withProject={project === null} />}
          </Entries>
        </Tabs.Panel>
        <Tabs.Panel value="calls">
          {session?.factoryWide && <ChainCheck />}
          <Entries query={callAuditQuery(project)} empty="Calls that were refused or blocked by a rule, sessions of the console, and what was done to the gateway itself are written here.">
            {(entries) => <CallsTable entries={entries} withProject={project === null} />}
          </Entries>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
