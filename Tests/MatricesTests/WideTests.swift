import Testing

import Matrices

/// The largest singular values from products with thin matrices, against LAPACK.
struct WideTests {
  private func normal(_ rows: Int, _ columns: Int, seed: UInt64 = 11) -> Matrix {
    var random = Random(seed: seed)
    return random.normal(rows, columns)
  }

  /// A matrix with these singular values.
  private func planted(_ rows: Int, _ columns: Int, _ values: [Double]) throws -> Matrix {
    let u = try normal(rows, values.count).factoredQR().q
    let v = try normal(columns, values.count, seed: 12).factoredQR().q
    return u.times(Matrix(row: values)) * v.transposed
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  /// The largest distance from orthonormal columns.
  private func skew(_ x: Matrix) -> Double {
    (x.transposed * x - .identity(x.columns, x.precision)).mapped(.abs).total(.maximum)
  }

  private static let methods = [SVDMethod.lanczos, .randomized]

  @Test(arguments: methods, [(250, 160), (160, 250), (40, 30), (1, 9), (9, 1)])
  func valuesEqualThoseOfLAPACK(_ method: SVDMethod, _ shape: (Int, Int)) throws {
    let (m, n) = shape
    // Falling by a tenth each.
    let x = try planted(m, n, (0..<min(m, n)).map { 0.9 * power(0.9, $0) })
    let exact = try x.svd()
    let k = min(7, m, n)
    let few = try x.svd(rank: k, method: method)
    let largest = exact.s[0, 0]
    #expect((few.s - exact.s.rows(in: 0..<k)).mapped(.abs).total(.maximum) < 1e-13 * largest)
    #expect(skew(few.u) < 1e-12 && skew(few.v) < 1e-12)
    let left = x.transposed * few.u - few.v.times(few.s.transposed)
    #expect(left.frobeniusNorm < (method == .lanczos ? 1e-11 : 1e-4) * largest)
    let columns = Array(0..<k)
    #expect(
      few.u.isClose(
        to: exact.u.selecting(columns: columns), relative: 0,
        absolute: method == .lanczos ? 1e-10 : 1e-4))
  }

  @Test func equalValuesAreAllFound() throws {
    let values = [Double](repeating: 3, count: 12) + (1...60).map { 2 / Double($0) }
    let few = try planted(200, 150, values).svd(rank: 13, method: .lanczos)
    #expect(few.s.isClose(to: Matrix(column: Array(values.prefix(13))), relative: 1e-12))
  }

  @Test(arguments: methods)
  func fewerDirectionsThanWantedAreFilledUp(_ method: SVDMethod) throws {
    for x in [Matrix.zeros(40, 30), .ones(40, 30), .identity(40), try planted(40, 30, [2, 1])] {
      for precision in [Precision.double, .single] {
        let exact = try x.svd().s
        let few = try x.converted(to: precision).svd(rank: 9, method: method)
        let limit = precision == .single ? 1e-5 : 1e-12
        #expect(skew(few.u) < limit && skew(few.v) < limit)
        let away = (few.s.converted(to: .double) - exact.rows(in: 0..<9)).mapped(.abs)
        #expect(away.total(.maximum) <= 40 * limit)
      }
    }
  }

  @Test func restartsKeepWhatWasFound() throws {
    // A flat spectrum needs more than the blocks that are kept.
    let x = normal(400, 300)
    let (exact, few) = (try x.svd(), try x.svd(rank: 6, method: .lanczos))
    #expect(few.s.isClose(to: exact.s.rows(in: 0..<6), relative: 1e-12))
    #expect(skew(few.u) < 1e-12)
  }

  @Test(arguments: methods)
  func hugeNumbersDoNotOverflow(_ method: SVDMethod) throws {
    let x = try planted(60, 50, [4, 2, 1, 0.5])
    let few = try (1e300 * x).svd(rank: 3, method: method)
    #expect((few.s / 1e300).isClose(to: Matrix(column: [4, 2, 1]), relative: 1e-10))
  }

  @Test(arguments: [SVDMethod.full] + methods)
  func componentsAreTheSameByEveryMethod(_ method: SVDMethod) throws {
    let x = try planted(300, 140, (0..<20).map { power(0.7, $0) }) + 50
    let exact = try x.principalComponents(4, method: .full)
    let parts = try x.principalComponents(4, method: method)
    #expect(parts.variance.isClose(to: exact.variance, relative: 1e-9))
    #expect(parts.explained.isClose(to: exact.explained, relative: 1e-9))
    #expect(parts.mean.isClose(to: exact.mean, relative: 1e-13))
    #expect(parts.components.isClose(to: exact.components, relative: 0, absolute: 1e-5))
    #expect(parts.codes(of: x).isClose(to: parts.codes, relative: 0, absolute: 1e-10))
  }

  @Test(arguments: methods)
  func sparseMatricesHaveTheSameFactors(_ method: SVDMethod) throws {
    var random = Random(seed: 21)
    let kept = Matrix.combine(.less, random.uniform(150, 90), 0.1)
    let x = random.uniform(150, 90).times(kept).times(Matrix(row: (0..<90).map { power(0.8, $0) }))
    let sparse = SparseMatrix(x)
    let few = try sparse.svd(rank: 5, method: method)
    #expect(few.s.isClose(to: try x.svd().s.rows(in: 0..<5), relative: 1e-9))
    let (parts, exact) = (
      try sparse.principalComponents(5, method: method),
      try x.principalComponents(5, method: .full)
    )
    #expect(parts.variance.isClose(to: exact.variance, relative: 1e-9))
    #expect(parts.explained.isClose(to: exact.explained, relative: 1e-9))
    #expect(parts.codes.isClose(to: exact.codes, relative: 0, absolute: 1e-5))
  }

  @Test func blocksOfRowsAreAsGoodAsAllOfThem() throws {
    let rows = RowsInBlocks(matrix: normal(130, 20) + 7, most: 17)
    let (mean, squares) = try rows.meanRowAndSpread()
    let x = rows.matrix
    #expect(mean.isClose(to: x.reduced(.mean, along: .rows), relative: 1e-14))
    let exact = Matrix.combine(.subtract, x, mean).sumOfSquares
    #expect(abs(squares - exact) < 1e-12 * exact)
    let shifted = ShiftedRows(rows: rows, shift: mean, isReadInOnePass: true)
    let centered = Matrix.combine(.subtract, x, mean)
    let (right, left) = (normal(20, 3), normal(130, 3))
    #expect(try shifted.product(with: right).isClose(to: centered * right, absolute: 1e-12))
    #expect(
      try shifted.transposedProduct(with: left).isClose(
        to: centered.transposed * left, absolute: 1e-12))
    #expect(
      try shifted.gramProduct(with: right).isClose(
        to: centered.transposed * (centered * right), absolute: 1e-11))
  }

  @Test func aNumberThatIsNotFiniteIsFoundInItsBlock() throws {
    var x = normal(130, 20)
    x[97, 3] = .nan
    #expect(throws: DecompositionError.notFinite(row: 97, column: 3)) {
      try RowsInBlocks(matrix: x, most: 17).meanRowAndSpread()
    }
  }
}

/// A matrix that is handed out in small blocks.
struct RowsInBlocks: RowBlocks {
  let matrix: Matrix
  let most: Int
  var shape: Shape { matrix.shape }
  var precision: Precision { matrix.precision }

  func forEachBlock(of count: Int, _ body: (Range<Int>, Matrix) throws -> Void) throws {
    for start in stride(from: 0, to: matrix.rows, by: most) {
      let range = start..<min(matrix.rows, start + most)
      try body(range, matrix.rows(in: range))
    }
  }
}
