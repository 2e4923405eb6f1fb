import { relative, sep } from 'node:path';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { refusal } from './test/shape/layers.js';

const SRC = `${import.meta.dirname}/src`;

// Every way to name another module: also `import()`, `export from` and `import('x').T`.
const arrows = {
  create(context) {
    const importer = relative(SRC, context.filename).split(sep).join('/');
    const check = (node, source) => {
      if (typeof source?.value !== 'string') return;
      const message = refusal(importer, source.value);
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
      TSExternalModuleReference: (node) => check(node, node.expression),
    };
  },
};

const unsafe = {
  'no-eval': 'error',
  'no-new-func': 'error',
  'no-script-url': 'error',
  'no-with': 'error',
  'no-extend-native': 'error',
  'no-proto': 'error',
  '@typescript-eslint/no-implied-eval': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/ban-ts-comment': [
    'error',
    { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 3 },
  ],
};

// Where strict-type-checked asks for less clarity than it gives.
const eased = {
  // Numbers and booleans print as one expects; objects still do not pass.
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  // `return void report(...)` says that nothing comes back.
  '@typescript-eslint/no-meaningless-void-operator': 'off',
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreVoidOperator: true, ignoreArrowShorthand: true },
  ],
  // The keys come from the field table.
  '@typescript-eslint/no-dynamic-delete': 'off',
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
  ],
};

const literalNames = {
  selector: "ImportExpression[source.type!='Literal']",
  message: 'Import a module by its literal name.',
};
// Outside a transaction it is a promise whose rejection ends the process when the disk is full.
const unheardWrites = {
  selector: "UnaryExpression[operator='void'] > CallExpression > MemberExpression[property.name=/^(put|remove)$/]",
  message: 'Within a transaction of lmdb: putSync, removeSync. Elsewhere: await it.',
};

export default defineConfig(
  { ignores: ['dist', '.dist-new', '.test-build*', 'coverage', 'node_modules', 'src/client/schema.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    name: 'src',
    files: ['src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { memwarden: { rules: { arrows } }, 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })] },
    rules: {
      ...unsafe,
      ...eased,
      'memwarden/arrows': 'error',
      'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }],
      'import-x/no-default-export': 'error',
      'max-lines': ['error', { max: 250 }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', literalNames],
      eqeqeq: 'error',
    },
  },
  {
    name: 'writes of lmdb',
    files: ['src/store/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', literalNames, unheardWrites] },
  },
  {
    name: 'doors print',
    files: ['src/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    name: 'test',
    files: ['test/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...unsafe,
      ...eased,
      // Tests hand in what types forbid, and look into what has no type: raw rows, parsed output, faults.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // Fakes of ports that answer at once, and `expect(port.method)`.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  {
    name: 'scripts',
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.recommended],
    rules: { ...unsafe, '@typescript-eslint/no-implied-eval': 'off' },
  },
);
