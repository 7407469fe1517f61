import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Model, ModelVersion } from '../../api/types';
import { fakeApi, problem } from '../../testing/fakeApi';
import { admin, renderPage, signedIn } from '../../testing/renderPage';

function version(over: Partial<ModelVersion>): ModelVersion {
  return {
    id: 'v1',
    project: 'default',
    model: 'acme/chat',
    version: 1,
    tag: 'latest',
    state: 'approved',
    reason: null,
    digest: null,
    sizeBytes: 2048,
    metadata: null,
    author: 'system:seed',
    sourceId: 's1',
    createdAt: '2026-11-21T04:00:00Z',
    evidence: [
      { sequence: 2, stage: 'scanned', outcome: 'failed', detail: 'at byte 1834: too short', actor: 'worker:scan', at: '2026-11-21T04:00:02Z' },
      { sequence: 1, stage: 'discovered', outcome: 'passed', detail: 'found', actor: 'worker:sync', at: '2026-11-21T04:00:01Z' },
    ],
    revokedBy: null,
    revokedAt: null,
    ...over,
  };
}

const path = '/api/library/projects/default/models/acme/chat';
const model = (...versions: ModelVersion[]): Model => ({ project: 'default', name: 'acme/chat', createdAt: '2026-11-21T04:00:00Z', versions });

test('a quarantined model says why, with the byte, and cannot be deployed', async () => {
  fakeApi({ ...signedIn, [`GET ${path}`]: model(version({ state: 'quarantined', reason: 'at byte 1834: tensor ends at byte 5904128, not here' })) });
  renderPage('/p/default/models/acme/chat');
  const refusal = await screen.findByTestId('refusal');
  expect(refusal.textContent).toContain('at byte 1834: tensor ends at byte 5904128, not here');
  expect([...refusal.querySelectorAll('code')].map((code) => code.textContent)).toEqual(['byte 1834', 'byte 5904128']);
  expect(screen.queryByTestId('deploy')).toBeNull();
});

test('evidence is told in the order in which it happened', async () => {
  fakeApi({ ...signedIn, [`GET ${path}`]: model(version({})) });
  renderPage('/p/default/models/acme/chat');
  const steps = within(await screen.findByTestId('evidence')).getAllByRole('listitem');
  expect(steps.map((step) => step.dataset.testid)).toEqual(['evidence-discovered', 'evidence-scanned']);
});

test('a model in several files shows how many they are and the size of all', async () => {
  fakeApi({ ...signedIn, [`GET ${path}`]: model(version({ parts: [{ digest: 'sha256:a', sizeBytes: 1024 }, { digest: 'sha256:b', sizeBytes: 1024 }] })) });
  renderPage('/p/default/models/acme/chat');
  expect(await screen.findByText('2.0 KiB in 2 files')).toBeTruthy();
});

test('the library refusing an approval is shown in its own words', async () => {
  const requests = fakeApi({
    ...signedIn,
    [`GET ${path}`]: model(version({ state: 'pending-approval' })),
    'POST /api/library/projects/default/versions/v1/approvals': problem(403, 'Forbidden', 'A second person must approve it.'),
  });
  renderPage('/p/default/models/acme/chat');
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText('Comment'), 'looks good');
  await user.click(screen.getByTestId('approve'));
  expect((await screen.findByTestId('decision-error')).textContent).toContain('A second person must approve it.');
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toEqual({ decision: 'approve', comment: 'looks good' });
});

test('who may not approve sees no button for it', async () => {
  fakeApi({
    ...signedIn,
    'GET /api/session': { ...admin, permissions: ['projects.read', 'models.read'] },
    [`GET ${path}`]: model(version({ state: 'pending-approval' })),
  });
  renderPage('/p/default/models/acme/chat');
  await screen.findByTestId('decision');
  expect(screen.queryByTestId('approve')).toBeNull();
  expect(screen.queryByTestId('nav-keys')).toBeNull();
});

test('revoking asks for a reason, and the page then says who revoked it and why', async () => {
  let state = version({});
  const requests = fakeApi({
    ...signedIn,
    [`GET ${path}`]: () => model(state),
    'POST /api/library/projects/default/versions/v1/revocation': () => {
      state = version({ state: 'revoked', reason: 'Its licence has ended.', revokedBy: 'user:eve', revokedAt: '2026-11-21T05:00:00Z' });
      return state;
    },
  });
  renderPage('/p/default/models/acme/chat');
  const user = userEvent.setup();
  await user.click(await screen.findByTestId('revoke'));
  expect(((await screen.findByTestId('confirm')) as HTMLButtonElement).disabled).toBe(true);
  await user.type(screen.getByTestId('revoke-reason'), ' Its licence has ended. ');
  await user.click(screen.getByTestId('confirm'));
  const refusal = await screen.findByTestId('refusal');
  expect(refusal.textContent).toContain('Its licence has ended.');
  expect(refusal.textContent).toContain('By user:eve');
  expect(await requests.find(({ method }) => method === 'POST')?.json()).toEqual({ reason: 'Its licence has ended.' });
  expect(screen.getByTestId('version-state').dataset.state).toBe('revoked');
  // It may be approved again, and there is nothing to reject or to deploy.
  expect(screen.getByTestId('decision').textContent).toContain('Another person than user:eve');
  expect(screen.getByTestId('approve')).toBeDefined();
  await waitFor(() => expect([screen.queryByTestId('reject'), screen.queryByTestId('deploy'), screen.queryByTestId('revoke')]).toEqual([null, null, null]));
});

test('who may not approve may not revoke', async () => {
  fakeApi({ ...signedIn, 'GET /api/session': { ...admin, permissions: ['projects.read', 'models.read', 'deployments.write'] }, [`GET ${path}`]: model(version({})) });
  renderPage('/p/default/models/acme/chat');
  await screen.findByTestId('deploy');
  expect(screen.queryByTestId('revoke')).toBeNull();
});

test('a version of the address is shown, else the newest', async () => {
  fakeApi({ ...signedIn, [`GET ${path}`]: model(version({ id: 'v2', version: 2, state: 'rejected', reason: 'No.' }), version({})) });
  renderPage('/p/default/models/acme/chat?version=1');
  expect((await screen.findByTestId('version-state')).dataset.state).toBe('approved');
  expect(screen.getByTestId('deploy').getAttribute('href')).toBe('/p/default/deployments?deploy=acme%2Fchat&version=1');
});
