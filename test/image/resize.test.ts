import { expect, test } from 'vitest';
import { upright } from '../../src/image/orientation.js';
import type { Raster } from '../../src/image/raster.js';
import { resizeTo } from '../../src/image/resize.js';

function grey(width: number, height: number, ...data: number[]): Raster {
  return { width, height, channels: 1, data: Uint8Array.from(data), orientation: upright };
}

/** The red channel, rounded; a grey picture has it three times. */
function resized(raster: Raster, side: number): number[] {
  const { shape, data } = resizeTo(raster, side, side);
  expect(shape).toEqual([3, side, side]);
  return [...data.subarray(0, side * side)].map((value) => Math.round(value * 1e9) / 1e9);
}

test('whole blocks are averaged, channel by channel', () => {
  const data = Uint8Array.from([0, 100, 1, 4, 100, 2, 8, 200, 3, 12, 200, 6]);
  const raster: Raster = { width: 2, height: 2, channels: 3, data, orientation: upright };
  expect([...resizeTo(raster, 1, 1).data]).toEqual([6, 150, 3]);
});

test('an alpha channel is no colour', () => {
  const data = Uint8Array.from([10, 20, 30, 255, 10, 20, 30, 255, 10, 20, 30, 255, 10, 20, 30, 255]);
  const raster: Raster = { width: 2, height: 2, channels: 4, data, orientation: upright };
  expect([...resizeTo(raster, 1, 1).data]).toEqual([10, 20, 30]);
});

test('partly covered pixels count by their share', () => {
  // Each half covers one pixel and a half of another: (0 + 30 / 2) / 1.5 and (30 / 2 + 60) / 1.5.
  expect(resized(grey(3, 3, 0, 30, 60, 0, 30, 60, 0, 30, 60), 2)).toEqual([10, 50, 10, 50]);
});

test('the middle square of a wide and of a tall picture is kept', () => {
  expect(resized(grey(5, 1, 1, 2, 3, 4, 5), 1)).toEqual([3]);
  expect(resized(grey(1, 4, 1, 2, 3, 4), 1)).toEqual([2]);
});

test('the middle square is that of the picture as displayed', () => {
  const turned = { rowsReversed: true, columnsReversed: false, transposed: true };
  // Displayed, the four pixels are a row: 4 3 2 1.
  expect(resized({ ...grey(1, 4, 1, 2, 3, 4), orientation: turned }, 1)).toEqual([3]);
  // 1 2 / 3 4 turned to the right is 3 1 / 4 2.
  expect(resized({ ...grey(2, 2, 1, 2, 3, 4), orientation: turned }, 2)).toEqual([3, 1, 4, 2]);
});

test('a smaller picture is enlarged', () => {
  expect(resized(grey(2, 2, 1, 2, 3, 4), 4)).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
});
