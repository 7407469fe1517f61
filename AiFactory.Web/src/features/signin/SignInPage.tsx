import { Anchor, Button, Divider, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { leftQuery, providerQuery, useSession, useSignIn } from '../../api/session';
import { Notice } from '../../components/Notice';
import { endAddress, providerAddress, providerProblem, returnAddress, signInProblem, takeToken } from './signIn';
import styles from './SignInPage.module.css';

export function SignInPage() {
  const [parameters] = useSearchParams();
  const session = useSession();
  const signIn = useSignIn();
  // Until it is known, nothing is shown that would move or lose the focus.
  const { data: provider = null, isPending: isLooking } = useQuery(providerQuery);
  const { data: left } = useQuery(leftQuery);
  const [key, setKey] = useState('');
  const { mutate } = signIn;

  // The token is taken out of the address, so that React's second run of an effect in development finds none. Where this page is open already, opening the link changes
  // nothing but the fragment.
  useEffect(() => {
    document.title = 'Sign in - AiFactory';
    const take = () => {
      const token = takeToken();
      if (token !== null) {
        mutate({ token });
      }
    };
    take();
    window.addEventListener('hashchange', take);
    return () => window.removeEventListener('hashchange', take);
  }, [mutate]);

  if (session.data && !signIn.isPending && !signIn.isError) {
    return <Navigate to={returnAddress(parameters.get('return'))} replace />;
  }

  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate({ key: key.trim() });
  };
  const byLink = signIn.variables !== undefined && 'token' in signIn.variables;
  const problem = signIn.isError ? signInProblem(signIn.error, byLink) : providerProblem(parameters.get('error'));

  return (
    <main className={styles.page}>
      <div className={styles.panel}>
        <svg viewBox="0 0 20 20" width="30" height="30" aria-hidden className={styles.mark}>
          <path d="M1.5 18V8.2l5.6 3.4V8.2l5.6 3.4V2.5h5.8V18z" fill="currentColor" />
        </svg>
        <Title order={1} mt="md">
          Sign in to AiFactory
        </Title>
        {!isLooking && (
          <Text size="sm" c="dimmed" mt={4} mb="lg">
            {provider === null
              ? 'Open the sign-in link that the factory printed when it started, or give an API key.'
              : 'With the account of your organisation, or with an API key.'}
          </Text>
        )}
        {problem && (
          <div className={styles.problem}>
            <Notice tone="bad" title={problem.title} testId="signin-error">
              {problem.detail}{' '}
              {problem.another && provider !== null && (
                <Anchor href={endAddress} data-testid="signin-another">
                  Use another account
                </Anchor>
              )}
            </Notice>
          </div>
        )}
        {left && !problem && provider !== null && (
          <div className={styles.problem}>
            <Notice tone="info" title="You are signed out of AiFactory" testId="signed-out">
              {provider} still knows this browser: whoever uses it next can sign in as you.{' '}
              <Anchor href={endAddress} data-testid="signout-provider">
                Sign out there too
              </Anchor>
            </Notice>
          </div>
        )}
        {signIn.isPending && byLink ? (
          <Text size="sm" role="status">
            Signing in with the link...
          </Text>
        ) : isLooking ? null : (
          <form onSubmit={submit}>
            <Stack gap="sm">
              {provider !== null && (
                <>
                  <Button component="a" href={providerAddress(parameters.get('return'))} size="sm" fullWidth data-testid="signin-provider">
                    Sign in with {provider}
                  </Button>
                  <Divider label="or" labelPosition="center" />
                </>
              )}
              <PasswordInput
                label="API key"
                placeholder="aif_..."
                autoComplete="current-password"
                name="key"
                required
                autoFocus={provider === null}
                spellCheck={false}
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
                visibilityToggleButtonProps={{ 'aria-label': 'Show the key' }}
                data-testid="signin-key"
              />
              <Button type="submit" size="sm" fullWidth variant={provider === null ? 'filled' : 'default'} loading={signIn.isPending} disabled={key.trim() === ''} data-testid="signin-submit">
                {provider === null ? 'Sign in' : 'Sign in with the key'}
              </Button>
            </Stack>
          </form>
        )}
      </div>
    </main>
  );
}
