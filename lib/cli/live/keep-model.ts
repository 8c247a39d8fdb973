import { createInterface } from 'node:readline/promises';

/** Asks on the terminal for a file to keep the model in. Undefined when it is not to be kept. */
export async function askForFile(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
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
    return fileFrom(
      await Promise.race([questions.question('Keep the model? A file name, or Enter to let it go: '), left]),
    );
  } finally {
    questions.close();
  }
}

/** The file an answer names: 'yes' takes a usual name, nothing or 'no' none. */
export function fileFrom(answer: string): string | undefined {
  const file = answer.trim();
  if (file === '' || /^(n|no)$/i.test(file)) return undefined;
  if (/^(y|yes)$/i.test(file)) return 'live.gatecast';
  return /\.[^./\\]+$/.test(file) ? file : `${file}.gatecast`;
}
