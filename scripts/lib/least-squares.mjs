const sweeps = 10_000;

/** The x without negative entries that minimises |rows x - values|, by coordinate descent on columns of equal size. */
export function nonNegativeLeastSquares(rows, values) {
  const sizes = rows[0].map((_, column) => Math.hypot(...rows.map((row) => row[column])));
  const scaled = rows.map((row) => row.map((entry, column) => entry / sizes[column]));
  const solution = sizes.map(() => 0);
  const residuals = [...values];
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const column of solution.keys()) {
      const gradient = residuals.reduce((sum, residual, row) => sum + residual * scaled[row][column], 0);
      const change = Math.max(gradient, -solution[column]);
      solution[column] += change;
      for (const row of residuals.keys()) {
        residuals[row] -= change * scaled[row][column];
      }
    }
  }
  return solution.map((value, column) => value / sizes[column]);
}
