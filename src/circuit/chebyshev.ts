/**
 * Levels that Paterson-Stockmeyer takes for a Chebyshev polynomial on [-1, 1] whose degree is below k (2^m - 1), for
 * the best k and m: ceil(log2 k) + m (Chen, Chillotti, Song, ePrint 2018/1043; the depth table of OpenFHE, which counts
 * one level more for mapping another interval to [-1, 1]).
 */
export function chebyshevDepth(degree: number): number {
  return Math.ceil(Math.log2(degree + 2));
}
