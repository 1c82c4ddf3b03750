import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './process.mjs';

/**
 * Puts each of `sections`, Markdown by name, into a document in place of what stands between its two comments,
 * `<!-- NAME: written by SCRIPT -->` and `<!-- end of NAME -->`, SCRIPT being the running one.
 *
 * @throws {Error} if a comment is missing.
 */
export function writeSections(document, sections) {
  const script = relative(root, process.argv[1]);
  const file = join(root, document);
  const filled = Object.entries(sections).reduce(
    (text, [name, content]) => {
      const begin = `<!-- ${name}: written by ${script} -->\n`;
      const end = `<!-- end of ${name} -->\n`;
      const [before, rest] = text.split(begin);
      const after = rest?.split(end)[1];
      if (after === undefined) {
        throw new Error(`${document}: expected ${begin.trim()} and ${end.trim()}`);
      }
      return `${before}${begin}\n${content}\n\n${end}${after}`;
    },
    readFileSync(file, 'utf8'),
  );
  writeFileSync(file, filled);
}
