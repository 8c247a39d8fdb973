// Runs commands of the built command line one after another, because to start a process for each takes longer than most
// commands. Each has standard streams, arguments and an exit code of its own, as if it had a process of its own.
import { Readable, Writable } from 'node:stream';

const MAIN = new URL('../../dist/cli/main.js', import.meta.url);
/** What one read of a pipe holds at most [bytes]. */
const PIPE = 65_536;
const endProcess = process.exit.bind(process);
const runs = { begun: 0 };

process.on('message', (task) => void answer(task));
process.on('disconnect', () => endProcess());

async function answer({ cwd, words, input }) {
  const texts = { stdout: '', stderr: '' };
  const streams = { stdin: piped(input), stdout: collector(texts, 'stdout'), stderr: collector(texts, 'stderr') };
  for (const [name, value] of Object.entries(streams))
    Object.defineProperty(process, name, { value, configurable: true });
  process.chdir(cwd);
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...words);
  process.exitCode = undefined;
  const send = (then) => process.send({ code: Number(process.exitCode ?? 0), ...texts }, then);
  // What the command left undone must not go on beside the next one: that one gets a new host.
  process.exit = (code) => {
    process.exitCode = code ?? process.exitCode;
    send(() => endProcess());
    return undefined;
  };
  runs.begun += 1;
  await import(`${MAIN.href}?${runs.begun}`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE']) process.removeAllListeners(signal);
  send();
}

function piped(text) {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / PIPE) }, (_, i) =>
    bytes.subarray(i * PIPE, (i + 1) * PIPE),
  );
  return Readable.from(chunks, { objectMode: false });
}

function collector(texts, name) {
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      texts[name] += String(chunk);
      done();
    },
  });
}
