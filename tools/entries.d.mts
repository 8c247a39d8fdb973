/** A file of lib/ and the file of dist/ that is built from it. */
interface Built {
  readonly source: string;
  readonly target: string;
}

/** The entries of the package, with the names that users import. */
export const entries: readonly (Built & { readonly name: string })[];
/** What Node starts. */
export const started: readonly Built[];
