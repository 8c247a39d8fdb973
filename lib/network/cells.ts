/** The gates of all cells. The candidate is a tanh, all others are sigmoids. */
export type GateName = 'reset' | 'update' | 'input' | 'forget' | 'candidate' | 'output';

/** What tells one cell from another. native/core/cell.h has the same rows, with what only the kernels need. */
interface CellTraits {
  /** The gates by name, in the order of their blocks of hiddenSize rows in each stacked weight. */
  readonly gates: readonly GateName[];
  /** Whether the state has a second vector, c [hiddenSize], beside h. */
  readonly hasC: boolean;
  /** Whether h may be projected to `projSize` values. */
  readonly mayProject: boolean;
  /** Whether it comes in the two forms that `linearBeforeReset` chooses from. */
  readonly hasResetForms: boolean;
}

const rows = {
  gru: { gates: ['reset', 'update', 'candidate'], hasC: false, mayProject: false, hasResetForms: true },
  lstm: { gates: ['input', 'forget', 'candidate', 'output'], hasC: true, mayProject: true, hasResetForms: false },
} satisfies Record<string, CellTraits>;

/** The name of a cell, in options and in files. */
export type CellName = keyof typeof rows;

/** The cells by name. */
export const cells: Readonly<Record<CellName, CellTraits>> = rows;

/** The names of all cells. */
export const cellNames = Object.keys(rows) as CellName[];
