import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist', 'src/generated', 'coverage'] },
  {
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.config.js', 'scripts/*.js'] } },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-console': 'error',
    },
  },
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
  // The journal and the channel to a child are read by ceod alone.
  {
    files: ['src/**'],
    ignores: ['src/printable.ts', 'src/ceod/journal.ts', 'src/ceod/child.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression[object.name="JSON"][property.name="stringify"], Identifier[name="toJsonString"]',
          message: 'printableJson() of printable.ts escapes what a terminal would obey.',
        },
      ],
    },
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
    files: ['sandbox/**', 'test/**', 'bench/**', 'fuzz/**', 'pictures/**'],
    rules: { 'no-console': 'off' },
  },
);
