/** A chart with title and caption at the top; `elements` are drawn below 48 units. */
export function svg({ width, height, title, caption }, elements) {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="8" y="18" font-size="14" font-weight="bold">${escapeText(title)}</text>`,
    `<text x="8" y="36" fill="#555555">${escapeText(caption)}</text>`,
    ...elements,
    '</svg>',
  ].join('\n')}\n`;
}

export function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
