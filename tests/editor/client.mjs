// A YAML editor without a window: starts the language server and speaks to it over stdio.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The installed server's program, and its version. */
function installed() {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('yaml-language-server/package.json');
  const { version, bin } = require(manifest);
  return { version, program: path.join(path.dirname(manifest), bin['yaml-language-server']) };
}

/** The place of `§` in a text, and the text without it. */
export function cursor(marked) {
  const at = marked.indexOf('§');
  const before = marked.slice(0, at).split('\n');
  const position = { line: before.length - 1, character: before.at(-1).length };
  return { text: marked.slice(0, at) + marked.slice(at + 1), position };
}

export class Editor {
  #last = 0;
  #answers = new Map();
  #published = new Map();
  #versions = new Map();
  #input = Buffer.alloc(0);

  /** Starts a server in `folder` that takes every document for a spec of `schema`. */
  static async start(folder, schema) {
    const editor = new Editor();
    const { version, program } = installed();
    editor.version = version;
    editor.folder = folder;
    editor.settings = {
      yaml: {
        validate: true,
        hover: true,
        completion: true,
        yamlVersion: '1.2',
        schemas: { [pathToFileURL(schema).href]: '*' },
        schemaStore: { enable: false },
        kubernetesCRDStore: { enable: false },
      },
      editor: { detectIndentation: false, tabSize: 2 },
      '[yaml]': { 'editor.tabSize': 2 },
    };
    const configured = new Promise(resolve => (editor.configured = resolve));
    editor.server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    editor.server.stdout.on('data', bytes => editor.#read(bytes));
    editor.server.on('exit', () => {
      for (const { reject } of editor.#answers.values()) reject(new Error('the server ended'));
    });
    const root = pathToFileURL(folder).href;
    await editor.request('initialize', {
      processId: process.pid,
      rootUri: root,
      workspaceFolders: [{ uri: root, name: 'specs' }],
      capabilities: {
        workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
        textDocument: {
          completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } },
          hover: { contentFormat: ['markdown', 'plaintext'] },
        },
      },
    });
    editor.#notify('initialized', {});
    await configured;
    return editor;
  }

  async stop() {
    await this.request('shutdown', null);
    this.#notify('exit');
    this.server.stdin.end();
  }

  /** Opens a document, or replaces its text; resolves with what the server then says of it. */
  show(name, text) {
    const uri = pathToFileURL(path.join(this.folder, name)).href;
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    const published = new Promise(resolve => this.#published.set(uri, resolve));
    if (version === 1) {
      this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version, text } });
    } else {
      this.#notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text }] });
    }
    return published;
  }

  /** What the server offers at `§`. */
  async complete(marked) {
    const { text, position } = cursor(marked);
    this.show('completion.mlspec.yaml', text);
    const uri = pathToFileURL(path.join(this.folder, 'completion.mlspec.yaml')).href;
    const answer = await this.request('textDocument/completion', { textDocument: { uri }, position });
    return answer?.items ?? answer ?? [];
  }

  /** What the server says of a place in a document that is shown. */
  async hover(name, position) {
    const uri = pathToFileURL(path.join(this.folder, name)).href;
    const answer = await this.request('textDocument/hover', { textDocument: { uri }, position });
    return answer?.contents?.value ?? '';
  }

  request(method, params) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  #notify(method, params) {
    this.#send({ method, params });
  }

  #send(message) {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #read(bytes) {
    this.#input = Buffer.concat([this.#input, bytes]);
    for (;;) {
      const header = this.#input.indexOf('\r\n\r\n');
      if (header < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#input.subarray(0, header))[1]);
      const end = header + 4 + length;
      if (this.#input.length < end) return;
      const message = JSON.parse(this.#input.subarray(header + 4, end));
      this.#input = this.#input.subarray(end);
      this.#take(message);
    }
  }

  #take(message) {
    if (message.method === 'workspace/configuration') {
      const result = message.params.items.map(item => this.settings[item.section] ?? null);
      this.#send({ id: message.id, result });
      // The server reads the settings after it has the answer, and says nothing when it is done.
      setTimeout(this.configured, 150);
    } else if (message.method && message.id !== undefined) {
      this.#send({ id: message.id, result: null });
    } else if (message.method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = message.params;
      this.#published.get(uri)?.(diagnostics);
      this.#published.delete(uri);
    } else if (message.id !== undefined && this.#answers.has(message.id)) {
      const { resolve, reject } = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    }
  }
}
