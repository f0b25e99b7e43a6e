// Specs in block style that hold every key of the schema, with the place and the schema of each.
// They are for hovers: whether such a spec makes sense does not matter.

/** The documents: `text`, and `keys` with `path`, `position` and `shape`. */
export function everyKey(schema) {
  const writer = () => new Writer(schema);
  const documents = [];
  const whole = writer();
  const { data, ...others } = schema.properties;
  whole.map({ properties: { ...others, data: { ...data, ...schema.definitions.data } } }, [], {
    skip: ['model', 'prepare', 'metrics', 'slices'],
  });
  whole.kinds('prepare', 'step', 0);
  whole.kinds('metrics', 'metric', 0);
  documents.push(whole);

  const models = writer();
  models.key('model', schema.properties.model, []);
  models.line(1, 'voting:');
  models.kinds('of', 'model', 2);
  documents.push(models);

  for (const split of Object.keys(schema.definitions.split.properties)) {
    const one = writer();
    one.line(0, 'data:');
    one.line(1, 'split:');
    one.key(split, schema.definitions.split.properties[split], ['data', 'split']);
    one.map(schema.definitions[`split.${split}`], ['data', 'split', split]);
    documents.push(one);
  }

  const forms = writer();
  const inData = schema.definitions.data.properties;
  forms.line(0, 'data:');
  forms.key('path', inData.path, ['data']);
  forms.map(schema.definitions['data.path'], ['data', 'path']);
  forms.line(1, 'missing_target:');
  forms.map(inData.missing_target.then, ['data', 'missing_target']);
  forms.line(0, 'slices:');
  forms.line(1, 'part:');
  forms.map(schema.definitions.Slice, ['slices', 'part']);
  forms.line(0, 'thresholds:');
  forms.line(1, 'accuracy:');
  forms.map(schema.definitions.BoundMap, ['thresholds', 'accuracy']);
  documents.push(forms);
  return documents.map(({ lines, keys }) => ({ text: lines.join('\n') + '\n', keys }));
}

class Writer {
  constructor(schema) {
    this.schema = schema;
    this.lines = [];
    this.keys = [];
  }

  line(depth, text) {
    this.lines.push('  '.repeat(depth) + text);
  }

  key(name, shape, path, value = '') {
    const position = { line: this.lines.length, character: 2 * path.length + 1 };
    this.keys.push({ path: [...path, name].join('.'), position, shape });
    this.line(path.length, `${name}:${value && ` ${value}`}`);
  }

  /** The keys of a map, and of the maps in it. */
  map(shape, path, { skip = [] } = {}) {
    for (const [name, property] of Object.entries(shape.properties ?? {})) {
      if (skip.includes(name)) continue;
      this.key(name, property, path, property.properties ? '' : JSON.stringify(sample(property)));
      if (property.properties) this.map(property, [...path, name]);
    }
  }

  /** A list with every kind of a family, each with every parameter. */
  kinds(key, family, depth) {
    const list = this.schema.properties[key];
    if (list && depth === 0) this.key(key, list, []);
    else this.line(depth, `${key}:`);
    for (const [name, kind] of Object.entries(this.schema.definitions[family].properties)) {
      // The dash takes the place of one level.
      this.keys.push({ path: `${key}.${name}`, position: { line: this.lines.length, character: 2 * depth + 5 }, shape: kind });
      this.line(depth + 1, `- ${name}:`);
      const path = [...Array(depth + 2).fill(key), name];
      this.map(this.schema.definitions[`${family}.${name}`], path);
    }
  }
}

/** A value that the schema names. */
function sample(shape) {
  if ('const' in shape) return shape.const;
  return shape.default ?? shape.examples?.[0] ?? shape.enum?.[0] ?? { boolean: true, array: [], object: {} }[shape.type] ?? 'text';
}
