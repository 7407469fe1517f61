// A certified OIDC provider (npm's oidc-provider) for the gateway's tests: any number of issuers at http://127.0.0.1:PORT/NAME, each made and changed by POST /NAME/control.
// It prints its address as its first line, and ends when its standard input does.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { errors, Provider } from 'oidc-provider';

const issuers = new Map();

const key = (type, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' });
const keys = () => [key('rsa', { modulusLength: 2048 }), key('ec', { namedCurve: 'P-256' })];

function make(issuer) {
  const state = {
    keys: keys(),
    groups: {},            // of accounts and clients, by name
    redirects: [],         // where the console may come back to
    down: false,           // answers 503
    idTokenGroups: true,   // in the ID token, else at userinfo alone
    idTokenSeconds: 300,
    refresh: true,         // refresh tokens are given
    counts: {},            // requests by path
  };
  state.provider = provide(issuer, state);
  return state;
}

function provide(issuer, state) {
  const provider = new Provider(issuer, {
    jwks: { keys: state.keys },
    cookies: { keys: ['of the tests'] },
    clients: [
      // The console.
      {
        client_id: 'console',
        client_secret: 'the-secret-of-the-console',
        redirect_uris: state.redirects.length === 0 ? ['http://127.0.0.1/none'] : state.redirects,
        post_logout_redirect_uris: state.redirects.map((address) => new URL('/signin', address).href),
        grant_types: ['authorization_code', 'refresh_token'],
        id_token_signed_response_alg: 'ES256',
      },
      // Those who have a token of their own name and no browser.
      ...['ada', 'bob', 'eve'].map((name) => ({
        client_id: name, client_secret: `secret-of-${name}`, redirect_uris: [], response_types: [], grant_types: ['client_credentials'],
      })),
    ],
    scopes: ['openid', 'offline_access', 'groups'],
    claims: { openid: ['sub'], groups: ['groups'] },
    conformIdTokenClaims: !state.idTokenGroups,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, groups: state.groups[id] ?? [] }) }),
    extraTokenClaims: (_, token) => ({ groups: state.groups[token.accountId ?? token.clientId] ?? [] }),
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token') && state.refresh,
    ttl: { IdToken: () => state.idTokenSeconds, AccessToken: () => state.idTokenSeconds, Interaction: 600, Session: 3600, Grant: 3600, RefreshToken: 3600 },
    pkce: { required: () => true },
    features: {
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        // urn:AUDIENCE:ALGORITHM:SECONDS
        getResourceServerInfo: (_, resource) => {
          const [, audience, alg, seconds] = resource.split(':');
          if (seconds === undefined) {
            throw new errors.InvalidTarget();
          }
          return { audience, scope: 'api', accessTokenFormat: 'jwt', accessTokenTTL: Number(seconds), jwt: { sign: { alg } } };
        },
      },
    },
  });
  // http on the loopback is what the tests have.
  provider.on('server_error', (_, error) => console.error(error));
  return provider;
}

const answer = (response, status, body) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

async function control(request, response, issuer, name) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
  }
  const { rotate, ...changes } = text === '' ? {} : JSON.parse(text);
  const known = issuers.has(name);
  const state = known ? issuers.get(name) : make(issuer);
  issuers.set(name, state);
  Object.assign(state, changes);
  if (rotate) {
    state.keys = keys();
  }
  // What it has given (codes, refresh tokens, sessions) is its own: another one knows nothing of it.
  if (rotate || 'redirects' in changes || 'idTokenGroups' in changes) {
    state.provider = provide(issuer, state);
  }
  answer(response, 200, { issuer, counts: state.counts, keys: state.keys });
}

const server = createServer(async (request, response) => {
  const [, name, ...rest] = request.url.split('/');
  const issuer = `http://127.0.0.1:${server.address().port}/${name}`;
  const path = `/${rest.join('/')}`;
  if (path === '/control') {
    return control(request, response, issuer, name);
  }
  const state = issuers.get(name);
  if (state === undefined || state.down) {
    return answer(response, 503, { error: 'temporarily_unavailable' });
  }
  const counted = path.split('?')[0];
  state.counts[counted] = (state.counts[counted] ?? 0) + 1;
  request.originalUrl = request.url;
  request.url = path;
  return state.provider.callback()(request, response);
});

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
