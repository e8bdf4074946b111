import Matrices
import Testing

/// Variances and places of extremes of sparse matrices are those of the full ones.
@Suite struct SparseStatisticsTests {
  /// Lines without zeros, of zeros alone, of negative numbers, with equal extremes and with a NaN.
  private static let lines = Matrix([
    [1, 2, 3, 4], [0, 0, 0, 0], [-1, -2, -3, -4], [5, 0, 5, 0], [-1, 0, -1, 0], [0, 7, 0, 7],
    [2, .nan, 9, .nan], [-3, -2, -1, 0],
  ])

  @Test(arguments: [Precision.single, .double])
  func variancesAreThoseOfTheFullMatrix(_ precision: Precision) {
    let x = SparseTests.sample(40, 23, precision)
    let s = SparseMatrix(x)
    let tolerance = precision == .single ? 1e-6 : 1e-13
    for turned in [s, s.transposed] {
      let full = turned.full
      for axis in [Axis.rows, .columns] {
        let found = turned.variance(along: axis)
        #expect(found.precision == precision)
        #expect(found.isClose(to: full.variance(along: axis), relative: tolerance))
      }
      #expect(abs(turned.variance - full.variance) < tolerance * full.variance)
    }
  }

  @Test func variancesOfLargeNumbersAreNotLost() {
    let x = Matrix([[1e8, 1e8 + 1, 1e8 + 2], [0, 0, 3]])
    let s = SparseMatrix(x)
    #expect(s.variance(along: .columns).isClose(to: x.variance(along: .columns)))
    #expect(SparseMatrix(Matrix([[4, 4, 4]])).variance == 0)
    #expect(SparseMatrix(Matrix([[4]])).variance.isNaN)
    #expect(SparseMatrix(Matrix([[4, 2]])).variance(along: .rows).firstNaN?.column == 0)
  }

  @Test func extremesAreWhereTheyAreInTheFullMatrix() {
    for x in [Self.lines, SparseTests.sample(40, 23), Matrix.zeros(3, 2), -Matrix.ones(2, 5)] {
      for s in [SparseMatrix(x), SparseMatrix(x.transposed).transposed] {
        for axis in [Axis.rows, .columns] {
          #expect(s.argMinimum(along: axis) == x.argMinimum(along: axis))
          #expect(s.argMaximum(along: axis) == x.argMaximum(along: axis))
        }
        #expect(s.argMinimum == x.argMinimum && s.argMaximum == x.argMaximum)
      }
    }
  }
}
