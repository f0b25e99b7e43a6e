// What a browser makes of the HTML report: whether it is complete, found through, and of use without
// a mouse, without eyes, on paper and on a telephone. Prints what is wrong.
//
// `node check.mjs PATH/TO/mlspec [FOLDER]`, after `npm ci`; pictures of the page go to the folder.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { Browser, installed } from './browser.mjs';

const program = path.resolve(process.argv[2] ?? 'mlspec');
const pictures = process.argv[3] && path.resolve(process.argv[3]);
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const axe = fs.readFileSync(path.join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlspec-pages-'));

const complaints = [];
let checks = 0;
function expect(holds, ...words) {
  checks += 1;
  if (!holds) complaints.push(words.map(word => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '));
}
const equal = (found, wanted, what) =>
  expect(JSON.stringify(found) === JSON.stringify(wanted), what, 'is', found, 'and not', wanted);

/** Runs mlspec; the exit status may speak of specs that fail. */
function mlspec(...words) {
  try {
    execFileSync(program, words, { cwd: root, stdio: 'pipe', env: { ...process.env, MLSPEC_CACHE_DIR: `${folder}/cache` } });
  } catch (error) {
    if (!(error.status <= 3)) throw error;
  }
}

const file = name => path.join(folder, name);
const address = name => pathToFileURL(file(name)).href;
const read = name => JSON.parse(fs.readFileSync(file(name), 'utf8'));

/** Pages of the examples with some specs that do not pass, of a single one, and of very many. */
function pages() {
  mlspec('run', 'specs', 'tests/page/suite', '--charts', '--report', `json=${file('all.json')}`);
  const report = read('all.json');
  // An earlier report in which every value was a little less, and one threshold met that is not now.
  const earlier = structuredClone(report);
  for (const spec of earlier.specs) {
    for (const verdict of spec.verdicts) {
      if (verdict.value !== null) [verdict.value, verdict.shown] = [verdict.value * 0.95, (verdict.value * 0.95).toFixed(4)];
      if (verdict.status === 'fail') verdict.status = 'pass';
    }
  }
  earlier.specs.pop();
  // And intervals, which the report has room for.
  for (const measurement of report.specs.flatMap(spec => spec.measurements)) {
    const { value } = measurement;
    if (value !== null) measurement.interval = { low: value - 0.04, high: value + 0.03, confidence: 0.95, method: 'wilson' };
  }
  const few = { ...report, specs: report.specs.filter(spec => spec.status !== 'pass').concat(report.specs.filter(spec => spec.status === 'pass')).slice(0, 20) };
  few.summary = counted(few.specs, report.summary);
  const thousand = { ...report, specs: [] };
  for (let at = 0; thousand.specs.length < 1000; at += 1) {
    const spec = report.specs[at % report.specs.length];
    thousand.specs.push({ ...spec, path: `copies/${String(at).padStart(4, '0')}/${spec.path}`, name: `${spec.name} ${at}` });
  }
  thousand.summary = counted(thousand.specs, report.summary);
  for (const [name, of] of Object.entries({ earlier, few, thousand })) fs.writeFileSync(file(`${name}.json`), JSON.stringify(of));
  mlspec('report', 'convert', file('few.json'), '--baseline-report', file('earlier.json'), '--report', `html=${file('few.html')}`);
  mlspec('report', 'convert', file('all.json'), '--report', `html=${file('all.html')}`);
  mlspec('report', 'convert', file('thousand.json'), '--report', `html=${file('thousand.html')}`);
  return { all: report, few, thousand };
}

const WORDS = { pass: 'passed', warn: 'warned', fail: 'failed', inconclusive: 'inconclusive', error: 'errored', invalid: 'invalid', skipped: 'skipped' };

function counted(specs, summary) {
  const counts = Object.fromEntries(Object.values(WORDS).map(word => [word, 0]));
  for (const spec of specs) counts[WORDS[spec.status]] += 1;
  return { ...summary, ...counts, specs: specs.length };
}

const ready = page => page.until(() => document.documentElement.dataset.ready === 'true');
const shown = page => page.call(() => [...document.querySelectorAll('details.spec')].filter(spec => !spec.hidden && spec.checkVisibility()).map(spec => spec.querySelector('h2').textContent));
const openAll = async page => {
  await page.call(() => {
    document.getElementById('open').click();
    for (const part of document.querySelectorAll('details')) part.open = true;
  });
  await page.until(() => [...document.querySelectorAll('details.spec[open] .body')].every(body => body.childElementCount > 0));
  await page.call(() => document.querySelectorAll('details').forEach(part => { part.open = true; }));
};

/** Violations of the guidelines for the web, levels A and AA, and of axe's best practices. */
async function accessible(page, what) {
  await page.call(source => { if (!window.axe) (0, eval)(source); }, axe);
  const found = await page.call(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations, passes } = await window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
    return { passed: passes.length, violations: violations.map(({ id, help, nodes }) => ({ id, help, count: nodes.length, first: nodes[0].html.slice(0, 200), why: [...new Set(nodes.map(node => node.any[0]?.message ?? node.failureSummary))].slice(0, 12).join(' | ') })) };
  });
  expect(found.passed > 10, `${what}: axe looked at nothing`);
  for (const each of found.violations) expect(false, `${what}: ${each.id}, ${each.count} times: ${each.help}: ${each.first}: ${each.why}`);
}

/** What a page needs whatever is in it: nothing from elsewhere, names for its parts, room for its text. */
async function sound(page, what) {
  equal(page.problems, [], `${what}: what the console says`);
  equal(page.requests.filter(url => !url.startsWith('file:')), [], `${what}: what is asked of the network`);
  const found = await page.call(() => {
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(heading => Number(heading.localName[1]));
    const named = [...document.querySelectorAll('svg')].filter(svg => svg.getAttribute('aria-hidden') !== 'true');
    const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
    return {
      jumps: levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1).length,
      first: levels[0],
      unnamed: named.filter(svg => svg.getAttribute('role') !== 'img' || !svg.getAttribute('aria-label')).length,
      drawn: named.length,
      bare: [...document.querySelectorAll('figure')].filter(figure => !figure.querySelector('table td')).length,
      double: ids.length - new Set(ids).size,
    };
  });
  equal({ ...found, drawn: found.drawn > 0 }, { jumps: 0, first: 1, unnamed: 0, drawn: true, bare: 0, double: 0 }, `${what}: headings, charts and names`);
}

async function searchAndFilterFind(page, report) {
  const of = name => report.specs.filter(spec => spec.name === name)[0];
  const everything = await shown(page);
  equal(everything.length, report.specs.length, 'specs that are shown at first');
  await page.press('/');
  equal(await page.call(() => document.activeElement.id), 'search', 'what `/` leads to');
  await page.type('iris accuracy');
  const found = await shown(page);
  expect(found.length > 0 && found.length < everything.length, 'a search shows', found);
  for (const name of found) {
    const spec = of(name);
    const text = JSON.stringify([spec.name, spec.path, spec.tags, spec.model, spec.verdicts.map(each => [each.name, each.metric])]).toLowerCase();
    expect(text.includes('iris') && text.includes('accuracy'), 'a search shows', name);
  }
  equal(await page.call(() => document.getElementById('shown').textContent), `${found.length} of ${report.specs.length} specs`, 'what is said of the search');
  await page.type('zzz');
  equal(await shown(page), [], 'what a search for nothing shows');
  equal(await page.call(() => document.getElementById('none').checkVisibility()), true, 'whether it is said that none matches');
  await page.press('Escape');
  equal(await shown(page), everything, 'what is shown after Escape');
  for (const status of ['pass', 'fail']) {
    await page.call(word => document.querySelector(`input[name=status][value=${word}]`).click(), status);
    const others = report.specs.filter(spec => spec.status !== status).map(spec => spec.name).sort();
    equal((await shown(page)).sort(), others, `what is shown without ${status}`);
    await page.call(word => document.querySelector(`input[name=status][value=${word}]`).click(), status);
  }
}

/** Goes through the page by Tab, and opens and closes by Enter and Space. */
async function keysReachEverything(page) {
  await page.call(() => {
    for (const part of document.querySelectorAll('details')) part.open = false;
  });
  const wanted = await page.call(() => [...document.querySelectorAll('a[href], button, input, summary')].filter(each => each.checkVisibility()).length);
  const seen = [];
  for (let at = 0; at < wanted + 20; at += 1) {
    await page.press('Tab');
    const stop = await page.call(() => {
      const on = document.activeElement;
      if (on === document.body) return null;
      const { outlineStyle, outlineWidth, borderColor } = getComputedStyle(on);
      const box = on.getBoundingClientRect();
      const controls = document.querySelector('.controls').getBoundingClientRect();
      const covered = !on.closest('.controls, .skip') && getComputedStyle(document.querySelector('.controls')).position === 'sticky' && box.bottom <= controls.bottom && box.top >= controls.top;
      const all = [...document.querySelectorAll('a[href], button, input, summary')];
      return { at: all.indexOf(on), what: on.outerHTML.slice(0, 80), ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1, there: box.width > 0 && box.bottom > 0 && box.top < innerHeight, covered, borderColor };
    });
    if (!stop || seen.some(each => each.at === stop.at)) break;
    seen.push(stop);
  }
  equal(seen.length, wanted, 'what Tab reaches');
  for (const stop of seen) expect(stop.ring && stop.there && !stop.covered, 'the focus is not to be seen on', stop);
  const order = seen.map(stop => stop.at);
  equal(order, [...order].sort((a, b) => a - b), 'the order of Tab');
  for (const key of ['Enter', ' ']) {
    await page.call(() => document.querySelector('details.spec > summary').focus());
    await page.press(key);
    equal(await page.call(() => document.querySelector('details.spec').open), true, `whether ${key} opens`);
    await page.press(key);
    equal(await page.call(() => document.querySelector('details.spec').open), false, `whether ${key} closes`);
  }
  await page.call(() => document.querySelector('input[name=status]').focus());
  await page.press(' ');
  equal(await page.call(() => document.querySelector('input[name=status]').checked), false, 'whether Space takes a status away');
  await page.press(' ');
}

async function linksLeadToSpecs(page, name, report) {
  for (const spec of [report.specs.at(-1), report.specs[1]]) {
    const id = `spec-${spec.path.split('/').map(encodeURIComponent).join('/')}`;
    await page.open('about:blank');
    await page.open(`${address(name)}#${id}`);
    await ready(page);
    await page.until(wanted => document.getElementById(wanted)?.querySelector('.body').childElementCount > 0, id);
    await page.until(() => document.activeElement.localName === 'summary');
    const there = await page.call(wanted => {
      const on = document.getElementById(wanted);
      const { top } = on.getBoundingClientRect();
      return { open: on.open, name: on.querySelector('h2').textContent, seen: top >= 0 && top < innerHeight, focused: on.contains(document.activeElement) };
    }, id);
    equal(there, { open: true, name: spec.name, seen: true, focused: true }, `where ${name}#${id} leads`);
  }
}

/** What the bullet charts say of an earlier report, and that they draw it. */
async function changesAreDrawn(page) {
  const found = await page.call(() => {
    const charts = [...document.querySelectorAll('svg.bullet')];
    const inside = svg => [...svg.querySelectorAll('.was, .whisker, .dummy')].every(mark => {
      const { left, right } = mark.getBoundingClientRect();
      const box = svg.getBoundingClientRect();
      return left >= box.left - 4 && right <= box.right + 4;
    });
    return {
      drawn: charts.filter(svg => svg.querySelector('.was')).length,
      said: charts.filter(svg => svg.getAttribute('aria-label').includes('in the earlier report')).length,
      whiskers: charts.filter(svg => svg.querySelector('.whisker')).length,
      outside: charts.filter(svg => !inside(svg)).length,
      legends: [...document.querySelectorAll('.signs')].filter(legend => legend.textContent.includes('earlier report')).length,
      worse: document.querySelectorAll('.spec .moved.worse').length,
      table: document.querySelectorAll('.changes tbody tr').length,
    };
  });
  expect(found.drawn > 10 && found.drawn === found.said && found.whiskers > 10 && found.outside === 0, 'marks of bullet charts', found);
  expect(found.legends > 5 && found.worse > 0 && found.table > 10, 'what is said of the earlier report', found);
}

/** A page on paper: what is open, and nothing to press. */
async function paper(page, what) {
  await page.look({ media: 'print' });
  const found = await page.call(() => ({
    controls: [...document.querySelectorAll('.controls, .controls *, .skip')].filter(each => each.checkVisibility()).length,
    closed: [...document.querySelectorAll('.spec .thresholds, .spec table')].filter(each => each.closest('.numbers') === null && !each.checkVisibility({ contentVisibilityAuto: false })).length,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }));
  equal({ controls: found.controls, closed: found.closed }, { controls: 0, closed: 0 }, `${what}: what paper shows`);
  await page.look({});
  const bytes = await page.print();
  const sheets = bytes.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  expect(sheets > 1, `${what}: sheets of paper:`, sheets);
  if (pictures) fs.writeFileSync(path.join(pictures, `${what}.pdf`), bytes);
}

/** From the beginning of a visit to the first letter of a search that is answered, in milliseconds. */
async function untilOfUse(page, name) {
  await page.open('about:blank');
  const loaded = page.open(address(name));
  await loaded;
  await ready(page);
  await page.call(() => {
    const search = document.getElementById('search');
    search.focus();
    search.addEventListener('input', () => requestAnimationFrame(() => { document.documentElement.dataset.answered = String(performance.now()); }));
  });
  await page.press('x');
  await page.until(() => document.documentElement.dataset.answered !== undefined);
  const times = await page.call(() => ({
    parsed: Math.round(performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd),
    answered: Math.round(Number(document.documentElement.dataset.answered)),
  }));
  return times;
}

const chromium = installed();
if (!chromium) {
  console.error('there is no Chromium: install one, or name it by MLSPEC_CHROMIUM');
  process.exit(2);
}
if (pictures) fs.mkdirSync(pictures, { recursive: true });
const reports = pages();
const browser = new Browser(chromium);
try {
  const page = await browser.page();
  await page.size(1280, 900);
  for (const name of ['few.html', 'all.html']) {
    await page.open(address(name));
    await ready(page);
    if (pictures) await page.picture(path.join(pictures, `${name}-first.png`), false);
    await openAll(page);
    await sound(page, name);
    for (const scheme of ['light', 'dark']) {
      await page.look({ scheme });
      await page.size(1280, 900);
      await accessible(page, `${name}, ${scheme}`);
      if (pictures) await page.picture(path.join(pictures, `${name}-${scheme}.png`));
      await page.size(380, 800);
      await page.call(() => dispatchEvent(new Event('resize')));
      await accessible(page, `${name}, ${scheme}, narrow`);
      equal(await page.call(() => document.documentElement.scrollWidth), 380, `${name}, ${scheme}: how wide a narrow page is`);
      const beyond = () => [...document.querySelectorAll('.thresholds')].filter(table => table.offsetWidth > table.parentElement.clientWidth).length;
      equal(await page.call(beyond), 0, `${name}, ${scheme}: tables of thresholds wider than a narrow page`);
      if (pictures) await page.picture(path.join(pictures, `${name}-${scheme}-narrow.png`));
    }
    await page.look({});
    await page.size(1280, 900);
    if (name === 'few.html') await changesAreDrawn(page);
    await paper(page, name);
  }
  for (const name of ['few', 'all']) {
    await page.open(address(`${name}.html`));
    await ready(page);
    await keysReachEverything(page);
    await searchAndFilterFind(page, reports[name]);
    await linksLeadToSpecs(page, `${name}.html`, reports[name]);
  }
  await linksLeadToSpecs(page, 'thousand.html', reports.thousand);
  const { parsed, answered } = await untilOfUse(page, 'thousand.html');
  const size = fs.statSync(file('thousand.html')).size / 1e6;
  console.log(`1,000 specs: ${size.toFixed(1)} MB, read after ${parsed} ms, a search answered after ${answered} ms`);
  expect(size < 5, 'a page of 1,000 specs has', size, 'MB');
  equal(page.problems, [], 'what the console says in the end');
} catch (error) {
  complaints.push(error.stack);
} finally {
  await browser.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
for (const complaint of complaints) console.error(complaint);
console.log(`${checks} checks in ${path.basename(chromium)}, ${complaints.length} complaints`);
process.exit(complaints.length > 0 ? 1 : 0);
