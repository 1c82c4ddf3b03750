/** A Markdown table. */
export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Three significant digits, or whole numbers. */
export function threeDigits(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A share of one, e.g. `92.22 %`. */
export function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

export function megabytes(bytes) {
  return bytes === undefined ? '' : (bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0);
}
