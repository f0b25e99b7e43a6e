// The real server, started as the extension starts it, spoken to by the library of the client.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import test from 'node:test';

import {
  CodeLensRequest,
  CompletionRequest,
  DidOpenTextDocumentNotification,
  InitializeRequest,
  InitializedNotification,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  createProtocolConnection,
  type CompletionItem,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver-protocol/node';

import { SERVER } from '../src/program';

const mlspec = process.env.MLSPEC;
const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8'));

test('the server tells what is wrong, completes, and offers the commands', { skip: !mlspec, timeout: 60_000 }, async () => {
  const server = spawn(mlspec!, SERVER, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise(resolve => server.on('exit', resolve));
  const connection = createProtocolConnection(server.stdout, server.stdin);
  connection.listen();
  const answer = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions: { schemaErrors: true },
  });
  assert.ok(answer.capabilities.completionProvider && answer.capabilities.codeLensProvider);
  await connection.sendNotification(InitializedNotification.type, {});

  const uri = 'file:///nowhere/a.mlspec.yaml';
  const text = 'version: 1\ndata: { path: a.csv }\nmodel: { rigde: {} }\nthresholds: { mae: "< 1" }\n';
  const published = new Promise<PublishDiagnosticsParams>(resolve => {
    connection.onNotification(PublishDiagnosticsNotification.type, params => {
      if (params.diagnostics.length > 0) resolve(params);
    });
  });
  await connection.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: 'yaml', version: 1, text },
  });
  const { diagnostics } = await published;
  assert.equal(diagnostics[0].range.start.line, 2);
  assert.match(String(diagnostics[0].message), /rigde/);

  const position = { line: 2, character: 'model: { ri'.length };
  const offered = await connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
  const items: CompletionItem[] = Array.isArray(offered) ? offered : (offered?.items ?? []);
  assert.ok(items.some(({ label }) => label === 'ridge'));

  const lenses = await connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
  const commands = lenses?.map(({ command }) => command?.command) ?? [];
  const contributed = manifest.contributes.commands.map(({ command }: { command: string }) => command);
  assert.deepEqual(commands, ['mlspec.run', 'mlspec.trace']);
  for (const command of commands) assert.ok(contributed.includes(command), command);
  assert.equal(lenses?.[0].command?.arguments?.[0], uri);

  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification('exit');
  assert.equal(await ended, 0);
});
