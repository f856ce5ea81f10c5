// The real program in a data directory of its own: init, start, stop, kill, start again.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Api } from './api.js';
import { until } from './wait.js';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = process.env.RAPPORT_BINARY ?? path.join(root, 'build/release/rapport');
export const sharedData = path.resolve(root, '../shared/data');

/** The path of a file in the shared data, or null when this checkout has none beside it. */
export function sharedFile(name) {
  const file = path.join(sharedData, name);
  return existsSync(file) ? file : null;
}

/** Runs the program to its end: {code, signal, stdout, stderr}. */
export function run(args, { input = '', env = {}, timeoutMs = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Program {
  static password = 'correct horse battery staple';
  static email = 'owner@shop.example';

  /** Creates a data directory with one workspace; does not start. */
  static async create({ workspace = 'Shop', args = [], env = {} } = {}) {
    const program = new Program();
    program.dir = await mkdtemp(path.join(os.tmpdir(), 'rapport-test-'));
    program.data = path.join(program.dir, 'data');
    program.args = args;
    // Tests follow links at once; those of scanners say how long it takes.
    program.env = { RAPPORT_MACHINE_CLICK_SECONDS: '0', ...env };
    const made = await run(
      ['init', '--data', program.data, '--workspace', workspace, '--email', Program.email,
        '--password-stdin', '--json'],
      { input: `${Program.password}\n` });
    if (made.code !== 0) throw new Error(`init failed (${made.code}): ${made.stderr}`);
    const keys = JSON.parse(made.stdout);
    program.workspace = keys.workspace;
    program.writeKey = keys.write_key;
    program.adminKey = keys.admin_key;
    return program;
  }

  /** Creates and starts. */
  static async start(options = {}) {
    const program = await Program.create(options);
    await program.start();
    return program;
  }

  async start() {
    this.port ??= await freePort();
    this.url = `${this.scheme ?? 'http'}://127.0.0.1:${this.port}`;
    this.log = '';
    this.ending = false;
    const child = spawn(
      binary,
      ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`, ...this.args],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.env } });
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.on('exit', (code, signal) => resolve({ code, signal }));
    });
    const keep = (data) => (this.log = (this.log + data).slice(-200_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const started = Date.now();
    await until('the program to be ready', async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`ended while starting: ${this.log}`);
      }
      return this.isReady();
    }, { timeoutMs: 20_000, everyMs: 10 });
    this.startMs = Date.now() - started;
    this.api = new Api(this.url, { key: this.adminKey, writeKey: this.writeKey });
    return this;
  }

  async isReady() {
    return (await fetch(`${this.url}/readyz`)).status === 200;
  }

  /** SIGTERM; answers {code, signal, ms}. */
  async stop() {
    if (!this.running) return this.exited;
    const started = Date.now();
    this.ending = true;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    const end = await this.exited;
    clearTimeout(timer);
    return { ...end, ms: Date.now() - started };
  }

  /** SIGKILL. */
  async kill() {
    this.ending = true;
    this.child.kill('SIGKILL');
    return this.exited;
  }

  get running() {
    return this.child && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Stops and removes the data; complains when the program ended by itself before. */
  async remove() {
    const crashed = this.child && !this.running && !this.ending;
    if (this.running) await this.stop();
    if (crashed) {
      const how = this.child.exitCode ?? this.child.signalCode;
      throw new Error(`the program ended by itself (${how})`
        + `, data in ${this.dir}: ${this.log.slice(-3000)}`);
    }
    if (!process.env.KEEP_TEST_DATA) await rm(this.dir, { recursive: true, force: true });
  }

  /** A second workspace with an owner and keys of its own; the program must not run. */
  async addWorkspace(name, email) {
    const made = await run(
      ['workspace', 'create', '--data', this.data, '--name', name, '--email', email,
        '--password-stdin', '--json'],
      { input: `${Program.password}\n` });
    if (made.code !== 0) throw new Error(`workspace create failed (${made.code}): ${made.stderr}`);
    return JSON.parse(made.stdout);
  }

  /** A subcommand on this data directory. */
  command(name, ...args) {
    return run([name, '--data', this.data, ...args]);
  }

  async residentMib() {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
  }
}
