import js from '@eslint/js'
import tseslint from 'typescript-eslint'

const spreadLiteral = {
  selector: "ObjectExpression > SpreadElement[argument.type='ObjectExpression']",
  message: 'Write the properties: a spread of a literal only saves lines.',
}
const lostTimeout = {
  selector: "CallExpression[callee.object.name='AbortSignal'][callee.property.name='timeout']",
  message: 'Node may collect it before it fires: take timeoutSignal of src/lib/deadline.ts.',
}
const bareSignal = {
  selector: "MemberExpression[property.name='kill']",
  message: 'A child that never started, or has ended, is signalled as a stranger: take src/lib/process.ts.',
}
const bareStart = {
  selector:
    "ImportDeclaration[source.value='node:child_process'] > ImportSpecifier[imported.name=/^(spawn|spawnSync|fork|exec|execSync|execFileSync)$/]",
  message: 'Programs that the server starts are started, bounded and ended by src/lib/process.ts.',
}

export default tseslint.config(
  { ignores: ['dist/', '.data/', 'node_modules/', '.tools/', 'challenges/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': ['error', spreadLiteral, bareSignal],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' },
      ],
    },
  },
  { files: ['src/config.ts', 'test/**/*.ts', 'bench/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', spreadLiteral, lostTimeout, bareSignal, bareStart],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['src/lib/process.ts'], rules: { 'no-restricted-syntax': ['error', spreadLiteral, lostTimeout] } },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'describe', 'it', 'suite'], package: 'node:test' },
          ],
        },
      ],
    },
  },
  {
    files: ['views/assets/**/*.js', 'tools/village/page.js'],
    languageOptions: {
      globals: {
        window: 'readonly',
        document: 'readonly',
        navigator: 'readonly',
        fetch: 'readonly',
        EventSource: 'readonly',
        Event: 'readonly',
        AbortSignal: 'readonly',
        addEventListener: 'readonly',
        localStorage: 'readonly',
        location: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        FormData: 'readonly',
        URLSearchParams: 'readonly',
        URL: 'readonly',
        Intl: 'readonly',
        requestAnimationFrame: 'readonly',
        CustomEvent: 'readonly',
        matchMedia: 'readonly',
        DOMParser: 'readonly',
        SharedWorker: 'readonly',
        self: 'readonly',
        console: 'readonly',
        history: 'readonly',
        AbortController: 'readonly',
      },
    },
  },
)
