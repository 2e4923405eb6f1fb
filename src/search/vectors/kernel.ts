/**
 * The inner products of a query with the rows of a packed matrix, by plain loops: four rows at a time, so that each
 * number of the query is read once for four, and each row in one chain of additions from its first number to its last,
 * so that a row's product is the same to the last bit wherever it lies. Sums are doubles.
 *
 * @param rows the matrix, row after row
 * @param count how many rows
 * @param query as many numbers as a row has
 * @param into gets the products, from `at` on
 */
export function innerProducts(
  rows: Float32Array,
  count: number,
  query: Float64Array,
  into: Float64Array,
  at: number,
): void {
  const dimension = query.length;
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    const a = row * dimension;
    const b = a + dimension;
    const c = b + dimension;
    const d = c + dimension;
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let i = 0; i < dimension; i += 1) {
      const x = query[i] as number;
      sumA += (rows[a + i] as number) * x;
      sumB += (rows[b + i] as number) * x;
      sumC += (rows[c + i] as number) * x;
      sumD += (rows[d + i] as number) * x;
    }
    into[at + row] = sumA;
    into[at + row + 1] = sumB;
    into[at + row + 2] = sumC;
    into[at + row + 3] = sumD;
  }
  for (; row < count; row += 1) into[at + row] = innerProduct(rows, row * dimension, query);
}

/** The inner product of a query with the row that begins at a place; the same bits as `innerProducts` gives. */
export function innerProduct(rows: Float32Array, from: number, query: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < query.length; i += 1) sum += (rows[from + i] as number) * (query[i] as number);
  return sum;
}
