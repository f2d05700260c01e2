import { defineConfig } from 'eslint/config';
import { importRules } from './eslint.imports.js';
import tseslint from 'typescript-eslint';

const JSON_UNESCAPED = {
  selector:
    'MemberExpression[object.name="JSON"][property.name="stringify"], Identifier[name="toJsonString"]',
  message: 'printableJson() of printable.ts escapes what a terminal would obey.',
};
const OPENED_BY_HAND = {
  selector:
    'CallExpression[callee.property.name=/^(on|once)$/] > Literal[value=/^(connect|secureConnect)$/]',
  message: 'opened() of wire/opened.ts settles whatever ends the socket before it is open.',
};

export default defineConfig(
  { ignores: ['build', 'packaging/check-node.cjs', 'dist', 'src/generated', 'coverage'] },
  {
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            '*.config.js',
            'eslint.imports.js',
            'mutation/*.config.js',
            'scripts/*.js',
          ],
        },
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-console': 'error',
    },
  },
  importRules,
  {
    files: ['src/**'],
    ignores: ['src/ceo/tui/components/Text.tsx'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'ink',
              importNames: ['Text', 'Static', 'Transform'],
              message: 'components/Text.tsx makes control characters visible.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**'],
    rules: { 'no-restricted-syntax': ['error', JSON_UNESCAPED, OPENED_BY_HAND] },
  },
  // The journal and the channel to a child are read by ceod alone.
  {
    files: ['src/printable.ts', 'src/ceod/accounts/journal.ts', 'src/ceod/master/child.ts'],
    rules: { 'no-restricted-syntax': ['error', OPENED_BY_HAND] },
  },
  {
    files: ['src/wire/opened.ts'],
    rules: { 'no-restricted-syntax': ['error', JSON_UNESCAPED] },
  },
  // What a Script or JSON gives back has no type in JavaScript.
  {
    files: ['scripts/*.js'],
    rules: {
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: [
      'sandbox/**',
      'test/**',
      'bench/**',
      'fuzz/**',
      'mutation/**',
      'faults/**',
      'conformance/**',
      'pictures/**',
    ],
    rules: { 'no-console': 'off' },
  },
);
