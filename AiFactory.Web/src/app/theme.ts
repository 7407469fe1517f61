import { Button, createTheme, defaultVariantColorsResolver, Drawer, Modal, PasswordInput, SegmentedControl, Table, TextInput, Tooltip, type MantineColorsTuple } from '@mantine/core';

/** Buttons are ink on paper, and paper on ink in the dark; colour is kept for the state of things. */
const ink: MantineColorsTuple = [
  '#f4f4f2',
  '#e3e3df',
  '#c8c9c6',
  '#a5a7a8',
  '#85888c',
  '#686b70',
  '#4e5156',
  '#383a3f',
  '#2a2c30',
  '#1a1b1e',
];

const ember: MantineColorsTuple = [
  '#fff1e8',
  '#ffdfcc',
  '#ffbe99',
  '#ff9b63',
  '#ff7d3d',
  '#f9651f',
  '#e8560f',
  '#d9480f',
  '#b53a0a',
  '#8f2d07',
];

/** Mantine's greys of the light scheme, as warm as the rest. */
const gray: MantineColorsTuple = [
  '#f7f7f5',
  '#f1f1ee',
  '#e9e9e5',
  '#dcdcd7',
  '#cfcfc9',
  '#a3a5a8',
  '#83868c',
  '#4e5156',
  '#383a3f',
  '#212226',
];

/** Mantine's greys of the dark scheme: text first, borders at 4, fields at 6, the page at 7. */
const dark: MantineColorsTuple = [
  '#ececea',
  '#b9bbc0',
  '#8d9097',
  '#6a6d75',
  '#383b42',
  '#2b2e33',
  '#1c1e22',
  '#121315',
  '#0d0e10',
  '#08090a',
];

const title = { fontSize: '0.9375rem', fontWeight: 600 };

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 9, dark: 0 },
  colors: { ink, ember, gray, dark },
  // A primary button turns with the scheme, its words too; what Mantine computes knows the light scheme only.
  variantColorResolver: (input) =>
    input.variant === 'filled' && (input.color === undefined || input.color === 'ink')
      ? {
          background: 'var(--ink)',
          hover: 'color-mix(in srgb, var(--ink) 86%, var(--surface))',
          color: 'var(--surface)',
          border: '1px solid transparent',
        }
      : defaultVariantColorsResolver(input),
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'ui-sans-serif, -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.25rem' }, h2: { fontSize: '0.9375rem' }, h3: { fontSize: '0.875rem' } } },
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'sm' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 9, horizontalSpacing: 14, fz: 'sm' } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45, blur: 2 } }, styles: { title } }),
    Drawer: Drawer.extend({ styles: { title } }),
    SegmentedControl: SegmentedControl.extend({ styles: { label: { paddingInline: 10 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, openDelay: 250, fz: 'xs' } }),
  },
});
