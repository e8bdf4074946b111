import Matrices
import Testing

/// Decompositions of numbers at the ends of the range of the arithmetic: those of the same numbers near
/// 1, and their sizes.
@Suite struct MagnitudeTests {
  private let near1: Matrix = {
    var random = Random(seed: 8)
    return random.normal(300, 140)
  }()

  /// 2^exponent, exactly.
  private func scaled(_ x: Matrix, _ exponent: Int) -> Matrix {
    let half = Double(sign: .plus, exponent: exponent / 2, significand: 1)
    return x * half * half
  }

  private func isClose(_ a: Matrix, _ b: Matrix, _ tolerance: Double = 1e-11) -> Bool {
    a.isClose(to: b, relative: tolerance, absolute: tolerance)
  }

  static let exponents = [-996, -460, 460, 996]

  @Test(arguments: exponents, [SVDMethod.auto, .lanczos, .randomized])
  func singularValuesGrowWithTheMatrix(_ exponent: Int, _ method: SVDMethod) throws {
    let x = scaled(near1, exponent)
    let expected = try near1.svd(rank: 3, method: method)
    for found in [
      try x.svd(rank: 3, method: method),
      try ShiftedRows.leadingSVD(
        of: x, rank: 3, method: method, powers: nil, isReadInOnePass: false),
      try SparseMatrix(x).svd(rank: 3, method: method),
    ] {
      #expect(isClose(scaled(found.s, -exponent), expected.s, 1e-7))
      #expect(isClose(found.u, expected.u, 1e-3))
    }
  }

  @Test(arguments: exponents) func rowsThatAreReadOnceHaveTheSameValues(_ exponent: Int) throws {
    let found = try ShiftedRows.leadingSVD(
      of: scaled(near1, exponent), rank: 3, method: .auto, powers: nil, isReadInOnePass: true)
    let expected = try near1.svd(rank: 3, method: .full)
    #expect(isClose(scaled(found.s, -exponent), expected.s, 1e-6))
  }

  @Test(arguments: [-460, 460]) func componentsAreThoseOfTheSameNumbersNear1(_ exponent: Int) throws
  {
    let x = scaled(near1, exponent)
    let expected = try near1.principalComponents(2)
    for found in [
      try x.principalComponents(2), try SparseMatrix(x).principalComponents(2),
      try ShiftedRows.principalComponents(
        of: x, 2, method: .lanczos, powers: nil, isReadInOnePass: false),
    ] {
      #expect(isClose(found.explained, expected.explained, 1e-8))
      #expect(isClose(scaled(found.codes, -exponent), expected.codes, 1e-6))
      #expect(isClose(scaled(found.mean, -exponent), expected.mean))
    }
  }

  @Test(arguments: exponents) func correlationsDoNotDependOnTheSize(_ exponent: Int) {
    #expect(scaled(near1, exponent).correlation.isIdentical(to: near1.correlation))
  }

  /// They were copied where a comparison had taken them for 0: singular values were below 0.
  @Test func numbersWithoutFullPrecisionAreZero() throws {
    let x = Matrix(
      [[3, 1, 2], [-1, 5, 0.5], [2, 2, -7], [1, 1, 1]].map { row in
        row.map { $0 * Double.leastNonzeroMagnitude * 1e9 }
      })
    #expect(x[0, 0] > 0 && x[0, 0].isSubnormal)
    #expect(try x.svd().s.elements == [0, 0, 0])
    #expect(try x.factoredQR().r.elements.allSatisfy { $0 == 0 })
    let square = x.rows(in: 0..<3)
    #expect(try square.complexEigenvalues().elements.allSatisfy { $0 == 0 })
    #expect(throws: DecompositionError.singular(square.shape)) { try square.inverse() }
  }
}
