import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The AppHost gives PORT; the page itself comes through the gateway, which forwards plain GETs to this server.
const port = Number(process.env.PORT ?? 5173);
const gateway = process.env.GATEWAY_URL ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react()],
  server: {
    // Not `localhost`: Node binds the first address that the name resolves to, which may be ::1 alone.
    host: '127.0.0.1',
    port,
    strictPort: true,
    // The socket for hot updates goes to this server and not through the gateway. Where a browser cannot reach it, pages still work.
    hmr: { protocol: 'ws', host: '127.0.0.1', clientPort: port },
    // Only for `npm run dev` on its own; under the AppHost these paths never get here.
    proxy: { '/api': gateway, '/v1': gateway },
    warmup: { clientFiles: ['./src/app/main.tsx', './src/features/*/*Page.tsx'] },
  },
  optimizeDeps: {
    include: [
      '@mantine/core',
      '@mantine/hooks',
      '@mantine/notifications',
      '@tanstack/react-query',
      '@xyflow/react',
      'react',
      'react-dom',
      'react-dom/client',
      'react/jsx-dev-runtime',
      'react/jsx-runtime',
      'react-router',
    ],
  },
  build: {
    target: 'es2022',
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|react-router|@tanstack)[\\/]/ }],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['./src/testing/setup.ts'],
    restoreMocks: true,
    testTimeout: 90_000,
    css: false,
  },
});
