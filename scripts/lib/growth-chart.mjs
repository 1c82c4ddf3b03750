import { escapeText, svg } from './svg.mjs';

const COLOURS = ['#2a6f97', '#d1495b', '#66a182', '#edae49', '#5f4b8b'];
const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 190;
const TOP = 48;
const BOTTOM = 48;

/**
 * Times against counts of work, both logarithmic, as SVG text. Points: {series, x, y}; the dashed line through the centre
 * has slope 1: growth in proportion to the work.
 */
export function growthChart({ title, caption, xLabel, yLabel, points }) {
  const xs = points.map(({ x }) => Math.log10(x));
  const ys = points.map(({ y }) => Math.log10(y));
  const [xLow, xHigh] = [Math.floor(Math.min(...xs)), Math.ceil(Math.max(...xs))];
  const [yLow, yHigh] = [Math.floor(Math.min(...ys)), Math.ceil(Math.max(...ys))];
  const right = (x) => LEFT + ((x - xLow) / (xHigh - xLow)) * (WIDTH - LEFT - RIGHT);
  const down = (y) => HEIGHT - BOTTOM - ((y - yLow) / (yHigh - yLow)) * (HEIGHT - TOP - BOTTOM);
  const offset = mean(ys) - mean(xs);
  const [lineStart, lineEnd] = [Math.max(xLow, yLow - offset), Math.min(xHigh, yHigh - offset)];
  const names = [...new Set(points.map(({ series }) => series))];
  return svg({ width: WIDTH, height: HEIGHT, title, caption }, [
    ...decades(xLow, xHigh).flatMap((x) => [
      `<path d="M${right(x).toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#dddddd"/>`,
      `<text x="${right(x).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${power(x)}</text>`,
    ]),
    ...decades(yLow, yHigh).flatMap((y) => [
      `<path d="M${LEFT} ${down(y).toFixed(1)}H${WIDTH - RIGHT}" stroke="#dddddd"/>`,
      `<text x="${LEFT - 8}" y="${(down(y) + 4).toFixed(1)}" text-anchor="end">${power(y)}</text>`,
    ]),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escapeText(xLabel)}</text>`,
    `<text transform="translate(18 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escapeText(yLabel)}</text>`,
    `<path d="M${right(lineStart).toFixed(1)} ${down(lineStart + offset).toFixed(1)}L${right(lineEnd).toFixed(1)} ${down(lineEnd + offset).toFixed(1)}" stroke="#555555" stroke-dasharray="6 4" fill="none"/>`,
    ...points.map(
      ({ series, x, y }) =>
        `<circle cx="${right(Math.log10(x)).toFixed(1)}" cy="${down(Math.log10(y)).toFixed(1)}" r="4" fill="${colourOf(names, series)}"/>`,
    ),
    ...names.flatMap((name, index) => [
      `<circle cx="${WIDTH - RIGHT + 20}" cy="${TOP + 16 + 18 * index}" r="4" fill="${colourOf(names, name)}"/>`,
      `<text x="${WIDTH - RIGHT + 30}" y="${TOP + 20 + 18 * index}">${escapeText(name)}</text>`,
    ]),
  ]);
}

function colourOf(names, name) {
  return COLOURS[names.indexOf(name) % COLOURS.length];
}

function decades(low, high) {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

function power(exponent) {
  return `10<tspan dy="-5" font-size="8">${exponent}</tspan>`;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
