// The JSON report of `mlspec run` to what a test view shows. Knows nothing of VS Code.

export interface Location {
  path: string;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}

export type Status = 'pass' | 'warn' | 'fail' | 'inconclusive' | 'error' | 'skipped' | 'invalid';

interface Verdict {
  name: string;
  /** Without a value where the slice is one condition. */
  slice: { name: string; value: string | null } | null;
  bound: string;
  value: number | null;
  status: Status;
  reason: string | null;
  location: Location | null;
  /** Which of the spec's findings says what is wrong. */
  finding?: number;
}

interface Finding {
  code: string;
  severity: string;
  message: string;
  help: string | null;
  location: Location | null;
}

interface Spec {
  path: string;
  status: Status;
  duration_ms: number;
  verdicts: Verdict[];
  diagnostics: Finding[];
}

/** What became of one test: a bound, or a spec as a whole. */
export interface Result {
  state: 'passed' | 'failed' | 'errored' | 'skipped';
  messages: { text: string; location: Location | null }[];
}

export interface Bound extends Result {
  /** Tells the bounds of a spec apart, from run to run. */
  id: string;
  label: string;
  location: Location | null;
}

export interface SpecResult extends Result {
  path: string;
  duration: number;
  bounds: Bound[];
}

const STATES: Record<Status, Result['state']> = {
  pass: 'passed',
  warn: 'passed',
  fail: 'failed',
  inconclusive: 'failed',
  error: 'errored',
  invalid: 'errored',
  skipped: 'skipped',
};

/** Reads a report; throws where the text is none. */
export function results(report: string): SpecResult[] {
  const read = JSON.parse(report) as { format?: string; specs?: Spec[] };
  if (!read.format?.startsWith('mlspec-report/') || !read.specs) throw new Error('no report of mlspec');
  return read.specs.map(of_spec);
}

function of_spec(spec: Spec): SpecResult {
  const seen = new Map<string, number>();
  const bounds = spec.verdicts.map(verdict => {
    const label = `${subject(verdict)} ${verdict.bound}`;
    const times = (seen.get(label) ?? 0) + 1;
    seen.set(label, times);
    return { ...of_verdict(verdict, spec), id: times > 1 ? `${label} (${times})` : label, label };
  });
  const errors = spec.diagnostics.filter(({ severity }) => severity === 'error');
  const messages = errors.map(finding => ({ text: sentence(finding), location: finding.location }));
  return { path: spec.path, duration: spec.duration_ms, state: STATES[spec.status] ?? 'errored', messages, bounds };
}

function of_verdict(verdict: Verdict, spec: Spec): Omit<Bound, 'id' | 'label'> {
  const state = STATES[verdict.status] ?? 'errored';
  const location = verdict.location;
  if (state === 'passed') return { state, location, messages: [] };
  // The finding has the help, and points at the end that was missed; a verdict alone has a number.
  const told = verdict.finding === undefined ? undefined : spec.diagnostics[verdict.finding];
  const number = verdict.value === null ? 'has no value' : `is ${verdict.value}`;
  const text = told ? sentence(told) : `${subject(verdict)} ${number}: ${verdict.reason ?? verdict.bound}`;
  return { state, location, messages: [{ text, location: told?.location ?? location }] };
}

function subject({ name, slice }: Verdict): string {
  if (!slice) return name;
  return slice.value === null ? `${name}@${slice.name}` : `${name}@${slice.name}=${slice.value}`;
}

function sentence({ message, help, code }: Finding): string {
  return help ? `${message}\n${help}\n(${code})` : `${message}\n(${code})`;
}
