import { createInterface } from 'node:readline/promises';
import { GatecastError } from '../../base/errors.ts';

/**
 * Asks on the terminal for a file to save the model to, and hands it to `save`; asks again while that fails. Returns
 * the file, or undefined if the model is not to be kept.
 */
export async function askToKeep(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  save: (file: string) => Promise<void>,
): Promise<string | undefined> {
  const questions = createInterface({ input, output });
  const left = new Promise<string>((resolve) => {
    questions.once('SIGINT', () => {
      output.write('\n');
      resolve('');
    });
    questions.once('close', () => resolve(''));
  });
  try {
    for (;;) {
      const answer = questions.question('Keep the model? A file name, or Enter to let it go: ');
      const file = fileFrom(await Promise.race([answer, left]));
      if (file === undefined) return undefined;
      try {
        await save(file);
        return file;
      } catch (error) {
        if (!(error instanceof GatecastError)) throw error;
        output.write(`${error.message}\n`);
      }
    }
  } finally {
    questions.close();
  }
}

/** The file that an answer names: 'yes' takes a default name; nothing or 'no' means none. */
export function fileFrom(answer: string): string | undefined {
  const file = answer.trim();
  if (file === '' || /^(n|no)$/i.test(file)) return undefined;
  if (/^(y|yes)$/i.test(file)) return 'live.gatecast';
  return /\.[^./\\]+$/.test(file) ? file : `${file}.gatecast`;
}
