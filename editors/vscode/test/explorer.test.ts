import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import * as vscode from 'vscode';
import { Specs } from '../src/tests';
import * as stub from './vscode';

const mlspec = process.env.MLSPEC;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlspec-vscode-'));
test.after(() => fs.rmSync(folder, { recursive: true }));

const rows = [...Array(60).keys()].map(at => `${at % 2 ? 'a' : 'b'},${(at % 2) * 3 + (at % 5) / 10}`);
fs.writeFileSync(path.join(folder, 'data.csv'), `kind,size\n${rows.join('\n')}\n`);

function spec(name: string, rest: string): stub.Uri {
  const file = path.join(folder, name);
  fs.writeFileSync(file, `version: 1\ndata: { path: data.csv, target: kind }\n${rest}\n`);
  return stub.Uri.file(file);
}

/** Runs one spec with a program, and tells what was shown. */
async function run(uri: stub.Uri, program = mlspec!) {
  const specs = new Specs(() => program);
  const item = specs.item(uri as unknown as vscode.Uri);
  stub.shown.length = 0;
  await specs.run(new vscode.TestRunRequest([item]), new vscode.CancellationTokenSource().token);
  return { item, said: stub.shown.map(({ what, item }) => `${what} ${item.label}`) };
}

test('a spec and its bounds are items, with places and messages', { skip: !mlspec }, async () => {
  const rest = 'model: { gaussian_naive_bayes: {} }\nthresholds:\n  accuracy: "> 0.8"\n  log_loss: "< 0.000000000000000001"';
  const { item, said } = await run(spec('two.mlspec.yaml', rest));
  assert.deepEqual(said, ['passed accuracy > 0.8', 'failed log_loss < 1e-18', 'failed two.mlspec.yaml']);
  assert.equal(item.children.size, 2);
  const [missed] = stub.shown[1].messages;
  assert.match(missed.message, /^log_loss is .*\(mlspec::threshold::missed\)$/s);
  assert.equal(missed.location?.range.start.line, 5);
  assert.equal(missed.location?.uri.fsPath, path.join(folder, 'two.mlspec.yaml'));
});

test('an invalid spec is an error at its place', { skip: !mlspec }, async () => {
  const { said } = await run(spec('bad.mlspec.yaml', 'model: { rigde: {} }\nthresholds: { mae: "< 1" }'));
  assert.deepEqual(said, ['errored bad.mlspec.yaml']);
  assert.match(stub.shown[0].messages[0].message, /there is no model called `rigde`/);
  assert.equal(stub.shown[0].messages[0].location?.range.start.line, 2);
});

test('a program that cannot be started is an error', async () => {
  const { said } = await run(spec('none.mlspec.yaml', ''), path.join(folder, 'no-such-program'));
  assert.deepEqual(said, ['errored none.mlspec.yaml']);
  assert.match(stub.shown[0].messages[0].message, /there is no such program/);
});

test('a report without specs is an error with what was said', async () => {
  const silent = path.join(folder, 'silent.mjs');
  const report = JSON.stringify({ format: 'mlspec-report/1', specs: [] });
  fs.writeFileSync(silent, `#!${process.execPath}\nconsole.error('no specs here');\nconsole.log(${JSON.stringify(report)});\n`);
  fs.chmodSync(silent, 0o755);
  const { said } = await run(spec('lost.mlspec.yaml', ''), silent);
  assert.deepEqual(said, ['errored lost.mlspec.yaml']);
  assert.match(stub.shown[0].messages[0].message, /no specs here/);
});
