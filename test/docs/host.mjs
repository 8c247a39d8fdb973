// Runs the programs of a page one after another, each in a thread of its own: to start a process for each takes longer
// than most of them.
import { Worker } from 'node:worker_threads';

process.on('message', (path) => {
  const worker = new Worker(path, { stdout: true, stderr: true, env: process.env });
  const [stdout, stderr] = [worker.stdout, worker.stderr].map((stream) => {
    const texts = [];
    stream.setEncoding('utf8').on('data', (text) => texts.push(text));
    return texts;
  });
  worker.on('error', (error) => stderr.push(String(error?.stack ?? error)));
  worker.on('exit', (status) => process.send({ status, output: [...stdout, ...stderr].join('') }));
});
