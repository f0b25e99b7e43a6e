import assert from 'node:assert/strict';
import test from 'node:test';

import { results } from '../src/report';

const location = { path: 'a.mlspec.yaml', line: 9, column: 13, end_line: 9, end_column: 20 };
const verdict = { name: 'accuracy', slice: null, bound: '> 0.9', value: 0.8, status: 'fail', reason: null, location };
const report = (spec: object) =>
  JSON.stringify({
    format: 'mlspec-report/1',
    specs: [{ path: 'a.mlspec.yaml', status: 'fail', duration_ms: 12, verdicts: [], diagnostics: [], ...spec }],
  });

test('a missed bound has the words of its finding', () => {
  const finding = { code: 'mlspec::threshold::missed', severity: 'error', message: 'accuracy is 0.8', help: 'more', location };
  const [spec] = results(report({ verdicts: [{ ...verdict, finding: 0 }], diagnostics: [finding] }));
  const [bound] = spec.bounds;
  assert.equal(bound.state, 'failed');
  assert.deepEqual(bound.messages, [{ text: 'accuracy is 0.8\nmore\n(mlspec::threshold::missed)', location }]);
});

test('of several findings at one bound each value of a slice has its own', () => {
  const of = (value: string, finding: number) => ({ ...verdict, slice: { name: 'city', value }, finding });
  const finding = (value: string) => ({
    code: 'mlspec::threshold::missed', severity: 'error', message: `accuracy@city=${value} is low`, help: null, location,
  });
  const verdicts = [of('Bonn', 1), of('Rome', 0), verdict];
  const [spec] = results(report({ verdicts, diagnostics: [finding('Rome'), finding('Bonn')] }));
  const texts = spec.bounds.map(({ messages }) => messages[0].text.split('\n')[0]);
  assert.deepEqual(texts, ['accuracy@city=Bonn is low', 'accuracy@city=Rome is low', 'accuracy is 0.8: > 0.9']);
});

test('two bounds alike are told apart, and slices are named', () => {
  const slice = { name: 'city', value: 'Bonn' };
  const heavy = { name: 'heavy', value: null };
  const verdicts = [verdict, verdict, { ...verdict, slice }, { ...verdict, slice: heavy }];
  const [spec] = results(report({ verdicts }));
  assert.deepEqual(
    spec.bounds.map(({ id }) => id),
    ['accuracy > 0.9', 'accuracy > 0.9 (2)', 'accuracy@city=Bonn > 0.9', 'accuracy@heavy > 0.9'],
  );
});

test('each status has a state', () => {
  const of = (status: string) => results(report({ status }))[0].state;
  assert.deepEqual(
    ['pass', 'warn', 'fail', 'inconclusive', 'error', 'invalid', 'skipped', 'a later one'].map(of),
    ['passed', 'passed', 'failed', 'failed', 'errored', 'errored', 'skipped', 'errored'],
  );
});

test('what is no report is refused', () => {
  for (const text of ['', 'error: no such file', '{}', '{"format":"other/1","specs":[]}']) {
    assert.throws(() => results(text), text);
  }
});
