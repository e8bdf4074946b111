import Foundation
import Matrices
import Testing

/// Decompositions put together again, and what they refuse.
@Suite struct DecompositionsTests {
  static let shapes = [(1, 1), (3, 3), (5, 2), (2, 5), (40, 40), (60, 17), (17, 60)]

  func normal(_ rows: Int, _ columns: Int, seed: UInt64 = 4) -> Matrix {
    var random = Random(seed: seed)
    return random.normal(rows, columns)
  }

  func isOrthonormal(_ q: Matrix) -> Bool {
    (q.transposed * q).isClose(to: .identity(q.columns), relative: 0, absolute: 1e-12)
  }

  func isClose(_ a: Matrix, _ b: Matrix) -> Bool {
    a.isClose(to: b, relative: 1e-9, absolute: 1e-10)
  }

  @Test(arguments: shapes)
  func luMultipliesToTheMatrix(_ rows: Int, _ columns: Int) throws {
    for x in [normal(rows, columns), normal(columns, rows).transposed] {
      let (l, u, p) = try x.factoredLU()
      #expect(isClose(l * u, p * x))
      #expect(isClose(p * p.transposed, .identity(rows)))
    }
  }

  @Test(arguments: shapes)
  func qrMultipliesToTheMatrix(_ rows: Int, _ columns: Int) throws {
    let x = normal(rows, columns)
    let (q, r) = try x.factoredQR()
    #expect(isClose(q * r, x) && isOrthonormal(q))
    #expect(r.diagonal.firstNegative == nil)
  }

  @Test(arguments: shapes)
  func svdMultipliesToTheMatrix(_ rows: Int, _ columns: Int) throws {
    for x in [normal(rows, columns), normal(columns, rows).transposed] {
      let factors = try x.svd()
      #expect(isClose(factors.u.times(factors.s.transposed) * factors.v.transposed, x))
      #expect(isOrthonormal(factors.u) && isOrthonormal(factors.v))
      #expect(isClose(try x.singularValues(), factors.s))
      let inverse = try x.pseudoinverse()
      #expect(isClose(x * inverse * x, x) && inverse.shape == x.shape.transposed)
    }
  }

  @Test func aTruncatedSvdOfALargeMatrixFindsTheLargestValues() throws {
    // Planted values 100, 50, 25 … above noise.
    let (u, v) = (try normal(600, 6).factoredQR().q, try normal(400, 6, seed: 5).factoredQR().q)
    let planted = Matrix(row: (0..<6).map { 100 / Double(1 << $0) })
    let x = u.times(planted) * v.transposed + 0.01 * normal(600, 400, seed: 6)
    let exact = try x.svd()
    let few = try x.svd(rank: 5, method: .lanczos)
    #expect(few.u.shape == Shape(600, 5) && few.v.shape == Shape(400, 5))
    #expect(few.s.isClose(to: exact.s.rows(in: 0..<5), relative: 1e-9))
    #expect(
      few.u.isClose(to: exact.u.selecting(columns: [0, 1, 2, 3, 4]), relative: 0, absolute: 1e-6))
    #expect(try x.svd(rank: 5, method: .lanczos).u.isIdentical(to: few.u))
    let single = try x.converted(to: .single).svd(rank: 5, method: .lanczos)
    #expect(single.u.precision == .single)
    #expect(single.s.isClose(to: exact.s.rows(in: 0..<5), relative: 1e-4))
  }

  @Test func aSlowlyFallingSpectrumIsFoundToo() throws {
    let x = normal(300, 200)
    let (exact, few) = (try x.svd(), try x.svd(rank: 4, method: .lanczos))
    #expect(few.s.isClose(to: exact.s.rows(in: 0..<4), relative: 1e-6))
  }

  @Test func choleskyAndEigenOfASymmetricMatrix() throws {
    let root = normal(30, 20)
    let x = root.transposed * root
    let l = try x.factoredCholesky()
    #expect(isClose(l * l.transposed, x))
    let (values, vectors) = try x.eigen()
    #expect(isClose(x * vectors, vectors.times(values.transposed)) && isOrthonormal(vectors))
    #expect(values.elements == values.elements.sorted())
    #expect(throws: DecompositionError.notPositiveDefinite(order: 2)) {
      try Matrix([[1, 2], [2, 1]]).factoredCholesky()
    }
    #expect(throws: DecompositionError.notSymmetric(row: 0, column: 1)) {
      try Matrix([[1, 2], [3, 10]]).factoredCholesky()
    }
  }

  @Test func eigenvaluesOfAGeneralMatrix() throws {
    let (values, vectors) = try Matrix([[4, 1], [2, 3]]).eigen()
    #expect(isClose(values, Matrix(column: [2, 5])))
    #expect(isClose(Matrix([[4, 1], [2, 3]]) * vectors, vectors.times(values.transposed)))
    let turn = Matrix([[0, -1], [1, 0]])
    #expect(throws: DecompositionError.complexEigenvalues(2)) { try turn.eigen() }
    #expect(isClose(try turn.complexEigenvalues(), Matrix([[0, -1], [0, 1]])))
  }

  @Test func solvesEverySquareSystem() throws {
    let (a, b) = (normal(25, 25), normal(25, 3, seed: 8))
    let symmetric = a.transposed * a
    var lower = a
    var upper = a
    for i in 0..<25 {
      for j in 0..<25 where j != i {
        if j > i { lower[i, j] = 0 } else { upper[i, j] = 0 }
      }
      (lower[i, i], upper[i, i]) = (5, -5)
    }
    for system in [a, a.transposed, symmetric, lower, upper, symmetric - 10 * .identity(25)] {
      #expect(isClose(system * (try Matrix.solve(system, b)), b))
      #expect(isClose(system * (try system.inverse()), .identity(25)))
    }
  }

  @Test func solvesInTheSenseOfLeastSquares() throws {
    let (a, b) = (normal(30, 4), normal(30, 2, seed: 9))
    let x = try Matrix.solve(a, b)
    #expect(isClose(a.transposed * (a * x - b), .zeros(4, 2)))
    // Of many solutions the shortest.
    let wide = try Matrix.solve(a.transposed, Matrix.ones(4, 1))
    #expect(isClose(wide, try a.transposed.pseudoinverse() * .ones(4, 1)))
    // Without full rank.
    let twins = Matrix([[1, 1], [1, 1], [1, 1]])
    #expect(isClose(try Matrix.leastSquares(twins, Matrix(column: [1, 2, 3])), .ones(2, 1)))
  }

  @Test func refusesWhatHasNoResult() {
    let singular = Matrix([[1, 2], [2, 4]])
    #expect(throws: DecompositionError.singular(Shape(2, 2))) {
      try Matrix.solve(singular, .ones(2, 1))
    }
    #expect(throws: DecompositionError.singular(Shape(2, 2))) { try singular.inverse() }
    #expect(throws: DecompositionError.singular(Shape(2, 2))) {
      try Matrix.solve(Matrix([[1, 0], [5, 0]]), .ones(2, 1))
    }
    for bad in [Double.nan, .infinity] {
      var x = Matrix.identity(3)
      x[1, 2] = bad
      let error = DecompositionError.notFinite(row: 1, column: 2)
      #expect(throws: error) { try x.svd() }
      #expect(throws: error) { try x.inverse() }
      #expect(throws: error) { try x.eigen() }
      #expect(throws: error) { try x.factoredQR() }
      #expect(throws: error) { try Matrix.solve(x, .ones(3, 1)) }
    }
  }

  @Test func knowsDeterminantsRanksAndConditions() throws {
    #expect(abs(try Matrix([[2, 1], [1, 3]]).determinant() - 5) < 1e-14)
    #expect(try Matrix([[1, 2], [2, 4]]).determinant() == 0)
    #expect(try Matrix([[0, 1], [1, 0]]).determinant() == -1)
    let (sign, logarithm) = try (0.001 * Matrix.identity(200)).logDeterminant()
    #expect(sign == 1 && abs(logarithm - 200 * -6.907755278982137) < 1e-9)
    #expect(try (normal(20, 3) * normal(3, 15)).rank() == 3)
    #expect(try Matrix.zeros(3, 4).rank() == 0)
    #expect(abs(try Matrix([[2, 0], [0, 4]]).conditionNumber() - 2) < 1e-14)
    #expect(try Matrix([[1, 2], [0, 0]]).conditionNumber() == .infinity)
  }

  @Test func principalComponentsExplainTheVariance() throws {
    let x = normal(50, 3) * normal(3, 8) + 7
    let parts = try x.principalComponents(3)
    #expect(isClose(Matrix.combine(.add, parts.codes * parts.components, parts.mean), x))
    #expect(abs(parts.explained.total(.sum) - 1) < 1e-12)
    #expect(isClose(parts.codes.variance(along: .rows).transposed, parts.variance))
  }

  @Test(arguments: [Precision.single, .double])
  func componentsThatAreOnlyRoundingExplainNothing(_ precision: Precision) throws {
    let same = Matrix.filled(9, 4, with: 0.1).converted(to: precision)
    for parts in [
      try same.principalComponents(2), try SparseMatrix(same).principalComponents(2),
      try same.principalComponents(2, method: .lanczos),
    ] {
      #expect(parts.variance.sumOfSquares == 0 && parts.explained.sumOfSquares == 0)
      #expect(parts.codes.sumOfSquares == 0)
    }
    // What is small but more than rounding stays.
    var x = same
    x[3, 1] += precision == .single ? 1e-4 : 1e-9
    let parts = try x.principalComponents(1)
    #expect(abs(parts.explained[0, 0] - 1) < 1e-3 && parts.codes.total(.count) > 0)
  }

  @Test func emptyMatricesHaveEmptyFactors() throws {
    let x = Matrix.zeros(0, 3)
    #expect(try x.svd().v.shape == Shape(3, 0))
    #expect(try x.factoredQR().r.shape == Shape(0, 3))
    #expect(try x.factoredLU().p.shape == Shape(0, 0))
    #expect(try x.pseudoinverse().shape == Shape(3, 0))
    #expect(try Matrix.zeros(0, 0).determinant() == 1)
    #expect(try Matrix.zeros(0, 0).inverse().isEmpty)
    #expect(try Matrix.solve(.zeros(0, 0), .zeros(0, 2)).shape == Shape(0, 2))
  }

  @Test func sortsRanksAndRelates() {
    let x = Matrix([[3, .nan, 1], [2, 5, 2]])
    #expect(x.sorted(along: .columns).row(1) == [2, 2, 5])
    #expect(x.sorted(along: .columns)[0, 2].isNaN)
    #expect(x.sorted(along: .columns, descending: true).row(0)[0] == 3)
    #expect(x.sorted(along: .columns, descending: true)[0, 2].isNaN)
    #expect(x.sortingOrder(along: .columns) == Matrix([[2, 0, 1], [0, 2, 1]]))
    #expect(x.sortingOrder(along: .rows) == Matrix([[1, 1, 0], [0, 0, 1]]))
    let distinct = Matrix([[3, 1], [.nan, 3], [.nan, 1]]).distinctElements
    #expect(distinct.count == 3 && distinct[0] == 1 && distinct[1] == 3 && distinct[2].isNaN)
    let data = Matrix(column: [1, 2, 3, 4])
    #expect(data.quantiles([0, 0.25, 0.5, 1], along: .rows) == Matrix(column: [1, 1.75, 2.5, 4]))
    #expect(x.quantiles([0.5], along: .columns)[0, 0].isNaN)
    let pairs = Matrix([[1, 2], [2, 4], [3, 7]])
    #expect(isClose(pairs.covariance, Matrix([[1, 2.5], [2.5, 19.0 / 3]])))
    #expect(
      isClose(pairs.correlation, Matrix([[1, 0.9933992677987828], [0.9933992677987828, 1]])))
  }

  /// Against all sets of entries that could be above 0, each solved by QR.
  @Test(arguments: [0.0, 200, -200])
  func nonnegativeSolutionsAreTheBestOfAllSets(_ exponent: Double) throws {
    for seed in UInt64(1)...30 {
      let (n, m) = (1 + Int(seed % 5), 3 + Int(seed % 4))
      var a = normal(m, n, seed: seed)
      for row in 0..<m where n > 1 { a[row, 1] *= Foundation.pow(10, exponent) }
      if n > 3 { for row in 0..<m { a[row, 3] = seed % 2 == 0 ? a[row, 0] : 0 } }
      let b = normal(m, 3, seed: seed + 100)
      let x = try Matrix.nonnegativeLeastSquares(a, b)
      #expect(x.elements.allSatisfy { $0 >= 0 })
      for column in 0..<b.columns {
        let target = b.selecting(columns: [column])
        let reached = (a * x.selecting(columns: [column]) - target).frobeniusNorm
        var best = target.frobeniusNorm
        for set in 1..<(1 << n) {
          let used = (0..<n).filter { set >> $0 & 1 == 1 }
          let part = a.selecting(columns: used)
          let solution = try Matrix.leastSquares(part, target)
          guard solution.elements.allSatisfy({ $0 >= 0 }) else { continue }
          best = min(best, (part * solution - target).frobeniusNorm)
        }
        let rounding = 1e-13 * target.frobeniusNorm
        #expect(reached <= best * (1 + 1e-10) + rounding, "seed \(seed), \(reached) above \(best)")
      }
    }
  }

  /// Fewer rows than columns, where normal equations have no inverse: no entry could lower the
  /// residual any more.
  @Test func nonnegativeSolutionsEndAtASlopeOfZero() throws {
    for seed in UInt64(1)...20 {
      var a = normal(8, 24, seed: seed)
      if seed % 2 == 0 { a = a.mapped(.abs) }
      let b = normal(8, 4, seed: seed + 50)
      let x = try Matrix.nonnegativeLeastSquares(a, b)
      let slopes = a.transposed * (b - a * x)
      #expect(slopes.total(.maximum) < 1e-12, "seed \(seed)")
      #expect(abs(Matrix.combine(.multiply, slopes, x).total(.sum)) < 1e-12, "seed \(seed)")
    }
  }

  @Test func nonnegativeSolutionsOfNothingAreNothing() throws {
    #expect(
      try Matrix.nonnegativeLeastSquares(.zeros(3, 0), .ones(3, 2)).shape == Shape(0, 2))
    #expect(try Matrix.nonnegativeLeastSquares(.zeros(2, 2), .ones(2, 1)) == .zeros(2, 1))
    #expect(throws: DecompositionError.notFinite(row: 0, column: 0)) {
      try Matrix.nonnegativeLeastSquares(Matrix([[.nan]]), .ones(1, 1))
    }
  }

  @Test func trianglesKeepTheirSideOfADiagonal() {
    let x = Matrix([[1, 2, 3], [4, 5, 6]])
    #expect(x.triangle(isLower: true, from: 0) == Matrix([[1, 0, 0], [4, 5, 0]]))
    #expect(x.triangle(isLower: false, from: 1) == Matrix([[0, 2, 3], [0, 0, 6]]))
    #expect(x.triangle(isLower: true, from: -1) == Matrix([[0, 0, 0], [4, 0, 0]]))
    for far in [Int.max, 7] {
      #expect(x.triangle(isLower: true, from: far) == x)
      #expect(x.triangle(isLower: false, from: far) == .zeros(2, 3))
      #expect(x.triangle(isLower: true, from: -far) == .zeros(2, 3))
      #expect(x.triangle(isLower: false, from: -far) == x)
    }
  }
}
