// Specs in the Test Explorer: one item a spec, one a bound once the spec has run.

import * as path from 'node:path';
import * as vscode from 'vscode';

import { program, reason, run } from './program';
import { results, type Location, type Result, type SpecResult } from './report';

const SPECS = '**/*.mlspec.{yaml,yml}';

export class Specs implements vscode.Disposable {
  readonly controller = vscode.tests.createTestController('mlspec', 'mlspec');
  #disposables: vscode.Disposable[] = [this.controller];

  constructor(private readonly programPath: () => string) {
    const run = (request: vscode.TestRunRequest, token: vscode.CancellationToken) => this.run(request, token);
    this.controller.createRunProfile('Run', vscode.TestRunProfileKind.Run, run, true);
    this.controller.refreshHandler = () => this.discover();
    const watcher = vscode.workspace.createFileSystemWatcher(SPECS, false, true, false);
    watcher.onDidCreate(uri => this.item(uri));
    watcher.onDidDelete(uri => this.controller.items.delete(uri.toString()));
    this.#disposables.push(watcher);
  }

  dispose(): void {
    for (const each of this.#disposables) each.dispose();
  }

  /** Lists the specs of the workspace. */
  async discover(): Promise<void> {
    for (const uri of await vscode.workspace.findFiles(SPECS)) this.item(uri);
  }

  /** The item of a spec. */
  item(uri: vscode.Uri): vscode.TestItem {
    const known = this.controller.items.get(uri.toString());
    if (known) return known;
    const item = this.controller.createTestItem(uri.toString(), vscode.workspace.asRelativePath(uri), uri);
    this.controller.items.add(item);
    return item;
  }

  /** Runs the specs that a request names, one after the other, or all. */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const asked: vscode.TestItem[] = [];
    if (request.include) asked.push(...request.include);
    else this.controller.items.forEach(item => asked.push(item));
    // A bound is judged with its whole spec.
    const specs = new Set(asked.map(item => item.parent ?? item));
    for (const left of request.exclude ?? []) specs.delete(left);
    const shown = this.controller.createTestRun(request);
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    for (const spec of specs) shown.enqueued(spec);
    for (const spec of specs) {
      if (token.isCancellationRequested) shown.skipped(spec);
      else await this.judge(spec, shown, stop.signal);
    }
    shown.end();
  }

  private async judge(spec: vscode.TestItem, shown: vscode.TestRun, signal: AbortSignal): Promise<void> {
    shown.started(spec);
    const file = spec.uri!.fsPath;
    const folder = path.dirname(file);
    try {
      const ended = await program(this.programPath(), run(file), folder, signal);
      shown.appendOutput(ended.stderr.replace(/\r?\n/g, '\r\n'));
      const judged = results(ended.stdout);
      if (judged.length === 0) throw new Error(ended.stderr.trim() || 'no spec was judged');
      for (const result of judged) this.show(spec, result, folder, shown);
    } catch (error) {
      if (signal.aborted) shown.skipped(spec);
      else shown.errored(spec, new vscode.TestMessage(`${this.programPath()}: ${reason(error)}`));
    }
  }

  private show(spec: vscode.TestItem, result: SpecResult, folder: string, shown: vscode.TestRun): void {
    const items = result.bounds.map(bound => {
      const item = this.controller.createTestItem(`${spec.id}#${bound.id}`, bound.label, spec.uri);
      item.range = bound.location ? range(bound.location) : undefined;
      return item;
    });
    spec.children.replace(items);
    result.bounds.forEach((bound, at) => set(items[at], bound, folder, shown));
    set(spec, result, folder, shown, result.duration);
  }
}

function set(item: vscode.TestItem, result: Result, folder: string, shown: vscode.TestRun, duration?: number): void {
  const messages = result.messages.map(({ text, location }) => {
    const message = new vscode.TestMessage(text);
    if (location) {
      const uri = vscode.Uri.file(path.resolve(folder, location.path));
      message.location = new vscode.Location(uri, range(location));
    }
    return message;
  });
  switch (result.state) {
    case 'passed':
      return shown.passed(item, duration);
    case 'failed':
      return shown.failed(item, messages, duration);
    case 'errored':
      return shown.errored(item, messages, duration);
    case 'skipped':
      return shown.skipped(item);
  }
}

/** The report counts from 1, editors from 0. */
function range({ line, column, end_line, end_column }: Location): vscode.Range {
  return new vscode.Range(line - 1, column - 1, end_line - 1, end_column - 1);
}
