// Small things that every component needs.

/** Class names that are given, in one text. */
export function join(...names: (string | false | undefined | null)[]): string {
  return names.filter(Boolean).join(" ");
}
