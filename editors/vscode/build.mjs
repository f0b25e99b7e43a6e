// Bundles the extension into `dist`, with the schema beside it, and the licenses; `--tests` bundles the tests, with a
// stand-in for VS Code.

import fs from 'node:fs';
import { build } from 'esbuild';

const tests = process.argv.includes('--tests');
fs.mkdirSync('dist', { recursive: true });
fs.copyFileSync('../../schema/mlspec.schema.json', 'dist/mlspec.schema.json');
const licenses = ['MIT', 'APACHE'].map(name => fs.readFileSync(`../../LICENSE-${name}`, 'utf8'));
fs.writeFileSync('LICENSE.txt', licenses.join(`\n${'-'.repeat(78)}\n\n`));

await build({
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  minify: process.argv.includes('--minify'),
});

if (tests) {
  await build({
    entryPoints: fs.readdirSync('test').filter(name => name.endsWith('.test.ts')).map(name => `test/${name}`),
    outdir: 'dist/test',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    alias: { vscode: './test/vscode.ts' },
  });
}
