import { Center, Loader } from '@mantine/core';

export function Splash() {
  return (
    <Center h="100dvh" role="status" aria-label="Loading">
      <Loader size="sm" type="dots" color="ember.6" />
    </Center>
  );
}
