// A stand-in for VS Code: as much of it as the extension uses, without a window.

export class Position {
  constructor(readonly line: number, readonly character: number) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(line: number, character: number, endLine: number, endCharacter: number) {
    this.start = new Position(line, character);
    this.end = new Position(endLine, endCharacter);
  }
}

export class Uri {
  private constructor(readonly scheme: string, readonly fsPath: string) {}
  static file = (path: string) => new Uri('file', path);
  static parse = (text: string) => Uri.file(decodeURIComponent(text.replace(/^file:\/\//, '')));
  toString = () => `file://${this.fsPath}`;
}

export class Location {
  constructor(readonly uri: Uri, readonly range: Range) {}
}

export class TestMessage {
  location?: Location;
  constructor(readonly message: string) {}
}

export class TestRunRequest {
  constructor(readonly include?: TestItem[], readonly exclude?: TestItem[]) {}
}

export class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
}

export enum TestRunProfileKind {
  Run = 1,
}

class Items {
  #items = new Map<string, TestItem>();
  constructor(private readonly parent?: TestItem) {}
  get size() {
    return this.#items.size;
  }
  get = (id: string) => this.#items.get(id);
  delete = (id: string) => void this.#items.delete(id);
  forEach = (each: (item: TestItem) => void) => this.#items.forEach(each);
  add(item: TestItem) {
    item.parent = this.parent;
    this.#items.set(item.id, item);
  }
  replace(items: TestItem[]) {
    this.#items.clear();
    for (const item of items) this.add(item);
  }
}

export class TestItem {
  range?: Range;
  parent?: TestItem;
  children = new Items(this);
  constructor(readonly id: string, readonly label: string, readonly uri?: Uri) {}
}

/** What a run has shown, in its order: `passed penguins.mlspec.yaml`. */
export const shown: { what: string; item: TestItem; messages: TestMessage[] }[] = [];
export const output: string[] = [];

export const tests = {
  createTestController: () => ({
    items: new Items(),
    refreshHandler: undefined as unknown,
    createTestItem: (id: string, label: string, uri?: Uri) => new TestItem(id, label, uri),
    createRunProfile() {},
    createTestRun: () => {
      const say = (what: string) => (item: TestItem, messages?: TestMessage | TestMessage[] | number) => {
        const said = typeof messages === 'object' ? [messages].flat() : [];
        shown.push({ what, item, messages: said });
      };
      return {
        enqueued() {},
        started() {},
        passed: say('passed'),
        failed: say('failed'),
        errored: say('errored'),
        skipped: say('skipped'),
        appendOutput: (text: string) => output.push(text),
        end() {},
      };
    },
    dispose() {},
  }),
};

export const workspace = {
  files: [] as Uri[],
  findFiles: async () => workspace.files,
  asRelativePath: (uri: Uri) => uri.fsPath.split('/').at(-1)!,
  createFileSystemWatcher: () => ({ onDidCreate() {}, onDidDelete() {}, dispose() {} }),
};
