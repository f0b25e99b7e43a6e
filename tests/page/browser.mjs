// A Chromium without a window, over the pipe of its debugging protocol: pages to open, keys to press,
// functions to call in them, and what they complained of.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The browser of `MLSPEC_CHROMIUM`, or the first on the path; none without one. */
export function installed() {
  const given = process.env.MLSPEC_CHROMIUM;
  if (given) return given;
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const all = NAMES.flatMap(name => folders.map(folder => path.join(folder, name)));
  return all.find(file => fs.existsSync(file));
}

/** How long an answer of the browser may take. */
const PATIENCE = 60_000;

export class Browser {
  #waiting = new Map();
  #pages = new Map();
  #last = 0;
  #unread = [];

  constructor(program) {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'mlspec-page-'));
    const words = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${this.profile}`,
      '--no-first-run', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
      '--disable-background-networking', '--disable-component-update', '--force-color-profile=srgb', 'about:blank'];
    this.process = spawn(program, words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.ended = new Promise(resolve => this.process.once('exit', resolve));
    this.ended.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser ended'));
    });
    this.process.stdio[3].on('error', () => {});
    this.process.stdio[4].on('data', bytes => this.#read(bytes));
  }

  #read(bytes) {
    // Messages are JSON, each with a zero byte behind it.
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0)) {
      this.#unread.push(bytes.subarray(0, end));
      const message = JSON.parse(Buffer.concat(this.#unread).toString('utf8'));
      this.#unread = [];
      bytes = bytes.subarray(end + 1);
      if (message.id === undefined) {
        this.#pages.get(message.sessionId)?.hear(message.method, message.params);
        continue;
      }
      const { resolve, reject, timer } = this.#waiting.get(message.id) ?? {};
      clearTimeout(timer);
      this.#waiting.delete(message.id);
      if (message.error) reject?.(new Error(message.error.message));
      else resolve?.(message.result);
    }
    if (bytes.length > 0) this.#unread.push(bytes);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), PATIENCE);
      this.#waiting.set(id, { resolve, reject, timer });
      this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  async page() {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page((method, params) => this.send(method, params, sessionId));
    this.#pages.set(sessionId, page);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    return page;
  }

  async close() {
    this.send('Browser.close').catch(() => {});
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 5_000);
    await this.ended;
    clearTimeout(timer);
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const KEYS = {
  Tab: [9], Enter: [13, '\r'], ' ': [32, ' '], Escape: [27], ArrowDown: [40], '/': [191, '/'],
};

export class Page {
  /** What the console, the browser and uncaught errors said, and what was asked of the network. */
  problems = [];
  requests = [];
  #loaded = [];

  constructor(send) {
    this.send = send;
  }

  hear(method, params) {
    if (method === 'Runtime.exceptionThrown') this.problems.push(params.exceptionDetails.text);
    if (method === 'Runtime.consoleAPICalled' && params.type !== 'log') this.problems.push(params.args[0]?.value);
    if (method === 'Log.entryAdded') this.problems.push(params.entry.text);
    if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
    if (method === 'Page.loadEventFired') this.#loaded.splice(0).forEach(resolve => resolve());
  }

  async open(address) {
    const loaded = new Promise(resolve => this.#loaded.push(resolve));
    const { errorText } = await this.send('Page.navigate', { url: address });
    if (errorText) throw new Error(`${address}: ${errorText}`);
    await loaded;
  }

  /** What a function gives in the page; it knows nothing but its arguments. */
  async call(run, ...given) {
    const expression = `(${run})(...${JSON.stringify(given)})`;
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', asked);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until a function in the page gives true. */
  async until(run, ...given) {
    for (let tries = 0; tries < 200; tries += 1) {
      if (await this.call(run, ...given)) return;
      await new Promise(resolve => setTimeout(resolve, 25));
    }
    throw new Error(`never true: ${run}`);
  }

  async press(key, modifiers = 0) {
    const [code = key.toUpperCase().charCodeAt(0), text = key.length === 1 ? key : undefined] = KEYS[key] ?? [];
    const pressed = { key, modifiers, windowsVirtualKeyCode: code, text };
    await this.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...pressed });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...pressed, text: undefined });
  }

  async type(text) {
    for (const key of text) await this.press(key);
  }

  async size(width, height) {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  }

  async look({ scheme = 'light', media = '', motion = 'no-preference' }) {
    const features = [{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: motion }];
    await this.send('Emulation.setEmulatedMedia', { media, features });
  }

  /** A picture of what is seen, or of as much of the page as a picture holds. */
  async picture(file, whole = true) {
    const { width, height } = (await this.send('Page.getLayoutMetrics')).cssContentSize;
    const clip = { x: 0, y: 0, width, height: Math.min(height, 12_000), scale: 1 };
    const { data } = await this.send('Page.captureScreenshot', { format: 'png', ...(whole ? { clip, captureBeyondViewport: true } : {}) });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  /** The bytes of a printed page. */
  async print() {
    const { data } = await this.send('Page.printToPDF', { printBackground: true, preferCSSPageSize: true });
    return Buffer.from(data, 'base64');
  }
}
