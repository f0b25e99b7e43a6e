// Starts the language server, and carries out what it offers.

import * as path from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';

import { SERVER, VERSION, program, reason, trace } from './program';
import { Specs } from './tests';

let client: LanguageClient | undefined;

/** How a command names a spec: the server's lenses by text, the buttons of an editor by a URI; the palette not at all. */
type Named = string | vscode.Uri;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('mlspec trace');
  const specs = new Specs(programPath);
  context.subscriptions.push(
    output,
    specs,
    vscode.commands.registerCommand('mlspec.run', (uri?: Named) => onSpec(uri, spec => runOne(specs, spec))),
    vscode.commands.registerCommand('mlspec.trace', (uri?: Named) => onSpec(uri, spec => traceOne(output, spec))),
    vscode.commands.registerCommand('mlspec.restart', restart),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (change.affectsConfiguration('mlspec')) void restart();
    }),
  );
  void specs.discover();
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function programPath(): string {
  return vscode.workspace.getConfiguration('mlspec').get('path', 'mlspec');
}

/** Whether the server tells of what a YAML extension tells as well. */
function schemaErrors(): boolean {
  const wanted = vscode.workspace.getConfiguration('mlspec').get<string>('schemaErrors', 'auto');
  return wanted === 'always' || (wanted === 'auto' && !vscode.extensions.getExtension('redhat.vscode-yaml'));
}

async function start(): Promise<void> {
  const server: ServerOptions = { command: programPath(), args: SERVER };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: 'file', pattern: '**/*.mlspec.{yaml,yml}' },
      { scheme: 'untitled', language: 'yaml' },
    ],
    initializationOptions: { schemaErrors: schemaErrors() },
  };
  try {
    // Asked first, since the client tells of a program that is not there in a message of its own, without the reason.
    await program(programPath(), VERSION);
    client = new LanguageClient('mlspec', 'mlspec', server, options);
    await client.start();
  } catch (error) {
    client = undefined;
    const settings = 'Open Settings';
    const text = `mlspec cannot be started as \`${programPath()}\`: ${reason(error)}`;
    if ((await vscode.window.showErrorMessage(text, settings)) === settings) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'mlspec.path');
    }
  }
}

async function restart(): Promise<void> {
  await client?.stop();
  await start();
}

/** Saves the spec that a command is about, and goes on with it. */
async function onSpec(uri: Named | undefined, then: (spec: vscode.Uri) => Promise<void>): Promise<void> {
  const named = typeof uri === 'string' ? vscode.Uri.parse(uri) : uri;
  const spec = named ?? vscode.window.activeTextEditor?.document.uri;
  if (!spec || spec.scheme !== 'file') {
    void vscode.window.showWarningMessage('Save the spec in a file first.');
    return;
  }
  const open = vscode.workspace.textDocuments.find(document => document.uri.toString() === spec.toString());
  if (open?.isDirty) await open.save();
  await then(spec);
}

async function runOne(specs: Specs, spec: vscode.Uri): Promise<void> {
  const request = new vscode.TestRunRequest([specs.item(spec)]);
  const { token } = new vscode.CancellationTokenSource();
  await vscode.commands.executeCommand('workbench.view.testing.focus');
  await specs.run(request, token);
}

async function traceOne(output: vscode.OutputChannel, spec: vscode.Uri): Promise<void> {
  output.clear();
  output.show(true);
  try {
    const ended = await program(programPath(), trace(spec.fsPath), path.dirname(spec.fsPath));
    output.append(ended.stdout + ended.stderr);
  } catch (error) {
    output.appendLine(`${programPath()}: ${reason(error)}`);
  }
}
