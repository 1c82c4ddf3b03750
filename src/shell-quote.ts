/** A path as one word of a shell's command line, for commands that messages suggest. */
export function shellQuoted(path: string): string {
  return /^[\w/.:=@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
