// Runs the program. Knows nothing of VS Code.

import { spawn } from 'node:child_process';

/** The arguments that start the language server. */
export const SERVER = ['lsp'];

/** The arguments that only show whether the program is there. */
export const VERSION = ['--version'];

/** The arguments of a run of one spec. */
export const run = (spec: string): string[] => ['run', '--format', 'json', spec];

/** The arguments that show a spec's steps. */
export const trace = (spec: string): string[] => ['run', '--trace', spec];

export interface Ended {
  /** The exit status; null where a signal ended the program. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the program to its end; `signal` stops it. Rejects where it cannot be started. */
export function program(path: string, words: string[], folder?: string, signal?: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, words, { cwd: folder, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr]: Buffer[][] = [[], []];
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    child.on('error', reject);
    child.on('close', status => {
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Why something was rejected, which a library may do with mere text. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.endsWith('ENOENT') ? 'there is no such program; install it, or name it in `mlspec.path`' : text;
}
