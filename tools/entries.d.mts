/** The entries of the package: the name that users import, and the file of lib/ that it stands for. */
export const entries: readonly { readonly name: string; readonly source: string }[];
