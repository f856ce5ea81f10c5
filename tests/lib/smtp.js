// A real SMTP receiver in the test's process: keeps every message raw and parsed.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A certificate for 127.0.0.1 and localhost, signed by itself: {key, cert, certFile, remove}. */
export function selfSigned() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'rapport-cert-'));
  const keyFile = path.join(dir, 'key.pem');
  const certFile = path.join(dir, 'cert.pem');
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
  return {
    key: readFileSync(keyFile),
    cert: readFileSync(certFile),
    keyFile,
    certFile,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export class Receiver {
  /**
   * `refuse(address)` answers an SMTP code to refuse a recipient with, or nothing.
   * `user` and `password` make AUTH a must. `delayMs` passes before a message is answered for.
   */
  static async start({ user, password, tls, secure = false, refuse = () => 0, parse = true,
    delayMs = 0 } = {}) {
    const receiver = new Receiver();
    receiver.messages = [];
    receiver.sessions = 0;
    receiver.secureSessions = 0;
    receiver.authenticated = 0;
    receiver.server = new SMTPServer({
      secure,
      key: tls?.key,
      cert: tls?.cert,
      hideSTARTTLS: !tls || secure,
      authOptional: !user,
      disabledCommands: user ? [] : ['AUTH'],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      closeTimeout: 100,
      logger: false,
      onConnect(session, done) {
        receiver.sessions += 1;
        done();
      },
      onAuth(auth, session, done) {
        if (auth.username !== user || auth.password !== password) {
          const error = new Error('bad credentials');
          error.responseCode = 535;
          return done(error);
        }
        receiver.authenticated += 1;
        return done(null, { user });
      },
      onRcptTo(address, session, done) {
        const code = refuse(address.address);
        if (!code) return done();
        const error = new Error(code >= 500 ? 'no such mailbox' : 'try again later');
        error.responseCode = code;
        return done(error);
      },
      onData(stream, session, done) {
        const chunks = [];
        stream.on('data', (chunk) => chunks.push(chunk));
        stream.on('end', () => {
          const raw = Buffer.concat(chunks);
          const to = session.envelope.rcptTo.map((recipient) => recipient.address);
          const message = {
            raw,
            to,
            from: session.envelope.mailFrom?.address,
            secure: Boolean(session.secure),
            id: /^message-id:\s*(<[^>]+>)/im.exec(raw.toString('latin1'))?.[1],
            at: Date.now(),
          };
          if (message.secure) receiver.secureSessions += 1;
          receiver.messages.push(message);
          if (!parse) return void setTimeout(done, delayMs);
          return simpleParser(raw).then((parsed) => {
            message.parsed = parsed;
            done();
          }, done);
        });
      },
    });
    receiver.server.on('error', () => {});  // A client that is killed breaks its connection.
    await new Promise((resolve, reject) => {
      receiver.server.server.once('error', reject);
      receiver.server.listen(0, '127.0.0.1', resolve);
    });
    receiver.port = receiver.server.server.address().port;
    return receiver;
  }

  /** Messages to one address. */
  to(address) {
    return this.messages.filter((message) => message.to.includes(address));
  }

  stop() {
    return new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}
