import { Tabs } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { agentsQuery, rulesetsQuery, toolsQuery } from '../../api/builder/agents';
import { IconGavel, IconRobot, IconTool } from '../../components/icons';
import { PageHeader } from '../../components/PageHeader';
import { useProject } from '../../components/useProject';
import { AgentModal } from './AgentModal';
import styles from './agents.module.css';
import { NamedList } from './NamedList';
import { RulesetModal } from './RulesetModal';
import { ToolModal } from './ToolModal';

const tabs = [
  { value: 'agents', label: 'Agents', icon: IconRobot },
  { value: 'tools', label: 'Tools', icon: IconTool },
  { value: 'rulesets', label: 'Rulesets', icon: IconGavel },
];

export function AgentsPage() {
  const project = useProject();
  const [parameters, setParameters] = useSearchParams();
  const tab = parameters.get('tab') ?? 'agents';
  return (
    <>
      <PageHeader title="Agents" description="Models with instructions, tools and limits; the tools that they may call, and the rules that they keep." />
      <Tabs value={tab} onChange={(value) => setParameters(value === 'agents' || value === null ? {} : { tab: value }, { replace: true })} keepMounted={false}>
        <Tabs.List mb="md">
          {tabs.map(({ value, label, icon: Icon }) => (
            <Tabs.Tab key={value} value={value} leftSection={<Icon size={15} />} data-testid={`tab-${value}`}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="agents">
          <NamedList
            project={project}
            kind="agents"
            query={agentsQuery(project)}
            noun="agent"
            icon={IconRobot}
            empty="An agent answers in steps: it calls tools and looks up passages until it knows enough, within its limits."
            columns={['Agent', 'Model', 'May use', 'Limits', '']}
            cells={(agent) => [
              agent.model,
              <Names key="uses" names={[...agent.tools, ...agent.knowledgeBases.map((base) => `search_${base}`)]} />,
              <span key="limits" className={styles.quiet}>
                {agent.maxSteps} steps, {agent.maxSeconds} s
              </span>,
            ]}
            modal={AgentModal}
          />
        </Tabs.Panel>
        <Tabs.Panel value="tools">
          <NamedList
            project={project}
            kind="tools"
            query={toolsQuery(project)}
            noun="tool"
            icon={IconTool}
            empty="A tool is an HTTP call that an agent may make, with arguments that a schema describes."
            columns={['Tool', 'Call', 'Timeout', '']}
            cells={(tool) => [
              <code key="call" className={styles.code}>
                {tool.method} {tool.url}
              </code>,
              `${tool.timeoutSeconds} s`,
            ]}
            modal={ToolModal}
          />
        </Tabs.Panel>
        <Tabs.Panel value="rulesets">
          <NamedList
            project={project}
            kind="rulesets"
            query={rulesetsQuery(project)}
            noun="ruleset"
            icon={IconGavel}
            empty="A ruleset is a list of sentences that an agent or a model step is told, and of checks that its answers are held to."
            columns={['Ruleset', 'Rules', 'Checks', 'Version', '']}
            cells={(ruleset) => [
              <span key="rules" className={styles.quiet}>
                {ruleset.rules.join(' ')}
              </span>,
              ruleset.checks?.length ?? 0,
              ruleset.version ?? 1,
            ]}
            modal={RulesetModal}
          />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return names.length === 0 ? (
    <span className={styles.quiet}>nothing</span>
  ) : (
    <span className={styles.names}>
      {names.map((name) => (
        <code key={name} className={styles.chip}>
          {name}
        </code>
      ))}
    </span>
  );
}
