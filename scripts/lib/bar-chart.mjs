import { escapeText, svg } from './svg.mjs';

const COLOURS = ['#2a6f97', '#61a5c2'];
const ROW = 18;
const LABELS = 190;
const BARS = 520;
const VALUES = 110;
const TOP = 48;

/**
 * A chart of horizontal bars as SVG text. Rows: {label, value, mark?, group}; rows of one group have one colour, groups
 * take turns. `mark` is drawn as a tick across the bar. Values are shown by `format`.
 */
export function barChart({ title, caption, rows, format }) {
  const largest = Math.max(...rows.flatMap(({ value, mark }) => [value, mark ?? 0]));
  const groups = [...new Set(rows.map((row) => row.group))];
  const width = LABELS + BARS + VALUES;
  const height = TOP + rows.length * ROW + 12;
  const length = (value) => ((value / largest) * BARS).toFixed(1);
  const bars = rows.flatMap(({ label, value, mark, group }, index) => {
    const y = TOP + index * ROW;
    const colour = COLOURS[groups.indexOf(group) % COLOURS.length];
    const tick =
      mark === undefined
        ? []
        : [`<path d="M${LABELS + Number(length(mark))} ${y}v${ROW - 4}" stroke="#d1495b" stroke-width="2"/>`];
    return [
      `<text x="${LABELS - 8}" y="${y + 11}" text-anchor="end">${escapeText(label)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${length(value)}" height="${ROW - 4}" fill="${colour}"/>`,
      ...tick,
      `<text x="${LABELS + BARS + 8}" y="${y + 11}">${escapeText(format(value))}</text>`,
    ];
  });
  return svg({ width, height, title, caption }, bars);
}
