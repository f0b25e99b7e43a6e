import assert from 'node:assert/strict';
import test from 'node:test';

import { VERSION, program, reason } from '../src/program';

test('why a program was not started is always said', async () => {
  const missing = await program('./no-such-program', VERSION).catch(reason);
  assert.equal(missing, 'there is no such program; install it, or name it in `mlspec.path`');
  assert.equal(reason(new Error('permission denied')), 'permission denied');
  assert.equal(reason('the client rejects with mere text'), 'the client rejects with mere text');
});
