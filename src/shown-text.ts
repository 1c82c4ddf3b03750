/** Controls, and what turns or hides text, but for line ends and tabs. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text in which nothing acts on the terminal that shows it: such characters are written as `\u{1b}`. */
export function escapeControls(text: string): string {
  return text.replace(invisible, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

const longestShown = 100;

/** A value of a JSON text that nobody vouches for, as JSON: texts keep their quotes. */
export function shownJson(value: unknown): string {
  return shown(jsonOf(value));
}

/** Nesting of thousands of levels, which is parsed, has no text: writing it overflows the stack. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch (error) {
    if (error instanceof RangeError) {
      return 'a value nested too deeply';
    }
    throw error;
  }
}

/** What a file that nobody vouches for says, as a part of a message: on one line, harmless, and cut to a length. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonOf(value);
  const characters = [...text.slice(0, 4 * longestShown)];
  const cut = characters.length > longestShown ? `${characters.slice(0, longestShown).join('')}...` : text;
  return escapeControls(cut).replace(/[\n\t]/g, ' ');
}
