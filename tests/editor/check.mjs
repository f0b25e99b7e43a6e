// What an editor with a YAML server shows of specs: diagnostics, completions and hovers, by the
// schema alone. Prints what is wrong; `node check.mjs PATH/TO/mlspec`, after `npm ci`.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Editor } from './client.mjs';
import { everyKey } from './keys.mjs';

const program = process.argv[2] ?? 'mlspec';
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const schemaFile = path.join(root, 'schema/mlspec.schema.json');
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
const complaints = [];
const complain = (...words) => complaints.push(words.join(' '));

const mlspec = (...words) => execFileSync(program, words, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });

/** What `mlspec check` says of every spec in a folder. */
function checked(folder) {
  try {
    return JSON.parse(mlspec('check', '--format', 'json', folder)).specs;
  } catch (error) {
    // The exit status speaks of the specs that are broken.
    return JSON.parse(error.stdout).specs;
  }
}

/** Every spec with what the program and what the server say of it. */
async function both(editor, folder) {
  const judged = checked(folder).map(async spec => {
    const text = fs.readFileSync(path.join(root, spec.path), 'utf8');
    return { spec, shown: await editor.show(spec.path, text) };
  });
  return Promise.all(judged);
}

async function examplesAreClean(editor) {
  for (const { spec, shown } of await both(editor, 'specs')) {
    for (const { range, message } of shown) complain(`${spec.path}:${range.start.line + 1}: ${message}`);
  }
}

/** A broken spec has a diagnostic in the line that `mlspec check` points at. */
async function brokenSpecsAreShown(editor) {
  const { codes, specs } = JSON.parse(fs.readFileSync(new URL('exceptions.json', import.meta.url)));
  const used = new Set();
  let seen = 0;
  for (const { spec, shown } of await both(editor, 'tests/cases')) {
    const lines = new Set(shown.map(({ range }) => range.start.line + 1));
    const errors = spec.diagnostics.filter(({ severity }) => severity === 'error');
    for (const { range, message } of shown) {
      const { line } = range.start;
      if (message.startsWith('Matches a schema')) complain(`${spec.path}:${line + 1}: ${message.split('\n')[0]}`);
    }
    if (errors.length === 0 && shown.length > 0) {
      complain(`${spec.path}: nothing is wrong, but the server says: ${shown[0].message}`);
    }
    for (const { code, location, message } of errors) {
      const line = location?.line;
      if (lines.has(line)) {
        seen += 1;
      } else if (spec.path in specs) {
        used.add(spec.path);
      } else if (code in codes) {
        used.add(code);
      } else {
        const where = [...lines].join(', ') || 'none';
        complain(`${spec.path}:${line}: ${code}: ${message}; lines with a diagnostic: ${where}`);
      }
    }
  }
  for (const name of [...Object.keys(codes), ...Object.keys(specs)]) {
    if (!used.has(name)) complain(`exceptions.json: ${name} is no exception any more`);
  }
  return seen;
}

/** The names of a catalogue, as the program lists them. */
const listed = family =>
  mlspec('list', family).split('\n').map(line => /^([a-z][a-z0-9_]*) {2}/.exec(line)?.[1]).filter(Boolean);

const parameters = (family, kind) => Object.keys(schema.definitions[`${family}.${kind}`].properties ?? {});

/** At `§`, exactly these are offered, besides snippets, each with a text. */
async function offers(editor, marked, wanted, snippets = []) {
  const items = await editor.complete(marked);
  const place = JSON.stringify(marked);
  const labels = new Set(items.map(({ label }) => label));
  const lacking = wanted.filter(name => !labels.has(name));
  const strange = [...labels].filter(name => !wanted.includes(name) && !snippets.includes(name));
  if (lacking.length > 0) complain(`${place}: not offered: ${lacking.join(', ')}`);
  if (strange.length > 0) complain(`${place}: offered: ${strange.join(', ')}`);
  for (const name of snippets.filter(name => !labels.has(name))) complain(`${place}: no snippet ${name}`);
  for (const { label, documentation, kind } of items) {
    const text = documentation?.value ?? documentation;
    // Names of a list are values (12), whose text is in the description of the list.
    if (!text && kind !== 12) complain(`${place}: ${label} has no text`);
    if (wanted.includes(label) && text && documentation.kind !== 'markdown') complain(`${place}: ${label} is not in markdown`);
  }
  return items.length;
}

async function completionsAreTheNames(editor) {
  const of = keys => Object.keys(keys);
  const metrics = listed('metrics');
  let count = 0;
  const at = async (...place) => (count += await offers(editor, ...place));
  await at('§', of(schema.properties), ['new spec', 'mlspec']);
  await at('version: 1\n§', of(schema.properties).filter(key => key !== 'version'), ['new spec', 'mlspec']);
  const data = of(schema.definitions.data.properties);
  await at('data:\n  §', data, ['new data']);
  await at('data:\n  path: a.csv\n  §', data.filter(key => key !== 'path'), ['new data']);
  await at('data:\n  path:\n    §', of(schema.definitions['data.path'].properties), ['data.path']);
  await at('data:\n  split:\n    §', listed('splits'));
  await at('prepare:\n  - §', listed('transforms'));
  await at('model:\n  §', listed('models'), ['new model']);
  await at('metrics:\n  - §', metrics);
  await at('thresholds:\n  §', metrics, ['metric@slice', 'new threshold']);
  await at('thresholds:\n  accuracy: "> 0.8"\n  §', metrics.filter(name => name !== 'accuracy'), ['metric@slice', 'new threshold']);
  await at('thresholds:\n  accuracy:\n    §', of(schema.definitions.BoundMap.properties));
  await at('slices:\n  part:\n    §', of(schema.definitions.Slice.properties));
  for (const kind of listed('models')) await at(`model:\n  ${kind}:\n    §`, parameters('model', kind));
  for (const kind of listed('splits')) await at(`data:\n  split:\n    ${kind}:\n      §`, parameters('split', kind));
  for (const kind of listed('transforms')) await at(`prepare:\n  - ${kind}:\n      §`, parameters('step', kind));
  for (const kind of metrics) await at(`metrics:\n  - ${kind}:\n      §`, parameters('metric', kind));
  return count;
}

/** What is put in where a completion is taken; `§` marks the cursor. */
async function inserts(editor, marked, label, wanted) {
  const items = await editor.complete(marked);
  const item = items.find(item => item.label === label && (wanted === undefined || item.textEdit));
  const text = item?.textEdit?.newText ?? item?.insertText;
  if (text !== wanted) complain(`${JSON.stringify(marked)}: ${label} puts in ${JSON.stringify(text)}, not ${JSON.stringify(wanted)}`);
}

async function snippetsPutInWhatRuns(editor) {
  // Those that need no parameters.
  const kinds = Object.entries(schema.definitions.model.properties);
  const models = kinds.filter(([, { type }]) => type.includes('null')).map(([name]) => name).join(',');
  await inserts(editor, '§', 'new spec', [
    'version: 1', 'data:', '  path: ${1:data.csv}', '  target: ${2:target}', 'model:', `  \${3|${models}|}: {}`,
    'thresholds:', '  ${4:accuracy}: "> ${5:0.8}"',
  ].join('\n'));
  await inserts(editor, 'version: 1\n§', 'data', 'data:\n  path: ${1:data.csv}\n  target: ${2:target}');
  await inserts(editor, 'version: 1\n§', 'model', `model:\n  \${1|${models}|}: {}`);
  await inserts(editor, 'version: 1\n§', 'thresholds', 'thresholds:\n  ');
  await inserts(editor, 'thresholds:\n  §', 'accuracy', 'accuracy: ${1:"> 0.8"}');
  await inserts(editor, 'thresholds:\n  §', 'new threshold', '${1:accuracy}:\n  min: ${2:0.8}\n  because: ${3:what depends on it}');
  await inserts(editor, 'model:\n  §', 'ridge', 'ridge:\n  ');
  await inserts(editor, 'model:\n  ridge:\n    §', 'alpha', 'alpha: ${1:1}');
}

const squeezed = text => text.replace(/\s+/g, ' ').trim();

/** A hover over any key says what it is, its range, and a default or an example. */
async function hoversSayItAll(editor) {
  let count = 0;
  for (const [at, { text, keys }] of everyKey(schema).entries()) {
    const name = `hover-${at}.mlspec.yaml`;
    await editor.show(name, text);
    for (const { path: key, position, shape } of keys) {
      const hover = squeezed(await editor.hover(name, position));
      count += 1;
      const lacks = [];
      if (!hover.includes(squeezed(shape.markdownDescription ?? shape.description ?? '?'))) lacks.push('its description');
      if ('default' in shape && !hover.includes('default `')) lacks.push('its default');
      for (const [limit, sign] of [['minimum', '≥'], ['exclusiveMinimum', '>'], ['maximum', '≤'], ['exclusiveMaximum', '<']]) {
        // What the type in the code cannot hold is a limit that nobody asks for.
        const ours = limit in shape && Math.abs(shape[limit]) < 2 ** 31 - 1;
        const said = hover.match(new RegExp(`${sign} ([-+.e0-9]+)`))?.[1];
        if (ours && Number(said) !== shape[limit]) lacks.push(`its ${limit}`);
      }
      const shows = ['default `', 'for example `', 'Allowed Value', '```'];
      if (!('const' in shape) && !shows.some(part => hover.includes(part))) lacks.push('a default or an example');
      if (lacks.length > 0) complain(`hover over ${key} lacks ${lacks.join(' and ')}: ${hover.slice(0, 200)}`);
    }
  }
  return count;
}

const editor = await Editor.start(root, schemaFile);
await examplesAreClean(editor);
const seen = await brokenSpecsAreShown(editor);
const offered = await completionsAreTheNames(editor);
await snippetsPutInWhatRuns(editor);
const hovered = await hoversSayItAll(editor);
await editor.stop();
for (const complaint of complaints) console.log(complaint);
console.log(
  `yaml-language-server ${editor.version}: ${seen} faults in the lines of mlspec check, ` +
    `${offered} completions, ${hovered} hovers; ${complaints.length} complaints`,
);
process.exitCode = complaints.length > 0 ? 1 : 0;
