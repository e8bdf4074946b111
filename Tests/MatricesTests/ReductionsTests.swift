import Matrices
import Testing

/// Reductions against loops written out, in both layouts and precisions.
@Suite struct ReductionsTests {
  static let shapes = [
    (1, 1), (1, 7), (7, 1), (3, 5), (16, 33), (100, 257), (5000, 9), (3, 70_000), (70_000, 1),
  ]

  /// The reduction of a list, written out.
  func naive(_ reduction: Reduction, _ x: [Double]) -> Double {
    switch reduction {
    case .sum: x.reduce(0, +)
    case .product: x.reduce(1, *)
    case .mean: x.reduce(0, +) / Double(x.count)
    case .minimum: x.min() ?? .infinity
    case .maximum: x.max() ?? -.infinity
    case .sumOfSquares: x.reduce(0) { $0 + $1 * $1 }
    case .sumOfMagnitudes: x.reduce(0) { $0 + abs($1) }
    case .count: Double(x.count { $0 != 0 })
    case .any: x.contains { $0 != 0 } ? 1 : 0
    case .all: x.allSatisfy { $0 != 0 } ? 1 : 0
    }
  }

  @Test(arguments: Reduction.allCases)
  func equalsALoop(_ reduction: Reduction) {
    for (rows, columns) in Self.shapes {
      var random = Random(seed: 2)
      for precision in Precision.allCases {
        let x = random.normal(rows, columns, precision)
        let tolerance = precision == .double ? 1e-10 : 1e-4
        let values = x.elements
        let total = naive(reduction, values)
        #expect(
          abs(x.total(reduction) - total) <= 1e-9 * (1 + abs(total)), "\(rows)×\(columns)")
        #expect(abs(x.transposed.total(reduction) - total) <= 1e-9 * (1 + abs(total)))
        let down = (0..<columns).map { column in
          naive(reduction, stride(from: column, to: values.count, by: columns).map { values[$0] })
        }
        let along = (0..<rows).map { row in
          naive(reduction, Array(values[row * columns..<(row + 1) * columns]))
        }
        let isClose = { (a: Matrix, b: Matrix) in
          a.isClose(to: b, relative: tolerance, absolute: tolerance)
        }
        #expect(isClose(x.reduced(reduction, along: .rows), Matrix(row: down)))
        #expect(isClose(x.reduced(reduction, along: .columns), Matrix(column: along)))
        #expect(isClose(x.transposed.reduced(reduction, along: .columns), Matrix(column: down)))
        let copied = x.transposed.rowMajor()
        #expect(isClose(copied.reduced(reduction, along: .rows), Matrix(row: along)))
      }
    }
  }

  @Test func keepsSumsIn64Bits() {
    let tenths = Matrix.filled(1000, 1000, with: 0.1, .single)
    #expect(abs(tenths.total(.sum) - 1e6 * Double(Float(0.1))) < 1e-6)
    #expect(tenths.reduced(.mean, along: .rows).precision == .single)
  }

  @Test func neverLosesNaN() {
    for place in [0, 5, 40, 99] {
      var x = Matrix.ones(10, 10)
      x[place] = .nan
      for reduction in [Reduction.minimum, .maximum, .sum, .mean] {
        #expect(x.total(reduction).isNaN)
        #expect(x.reduced(reduction, along: .rows).elements.count(where: \.isNaN) == 1)
        #expect(x.reduced(reduction, along: .columns).elements.count(where: \.isNaN) == 1)
      }
      #expect(x.argMaximum == place && x.argMinimum == place)
      #expect(x.argMaximum(along: .rows)[place % 10] == place / 10)
      #expect(x.firstNonFinite.map { [$0.row, $0.column] } == [place / 10, place % 10])
    }
  }

  @Test func findsExtremesInBothDirections() {
    let x = Matrix([[3, 1, 2], [3, 5, 0]])
    #expect(x.argMaximum(along: .rows) == [0, 1, 0])
    #expect(x.argMaximum(along: .columns) == [0, 1])
    #expect(x.argMinimum(along: .columns) == [1, 2])
    #expect(x.transposed.argMinimum(along: .rows) == [1, 2])
    #expect(x.argMaximum == 4 && x.argMinimum == 5 && x.transposed.argMaximum == 3)
  }

  @Test func findsTheFirstInRowMajorOrder() {
    var x = Matrix.ones(300, 40)
    x[200, 3] = -1
    x[7, 30] = -1
    #expect(x.firstNegative.map { [$0.row, $0.column] } == [7, 30])
    #expect(x.transposed.firstNegative.map { [$0.row, $0.column] } == [3, 200])
    #expect(x.firstNonFinite == nil)
    #expect(Matrix([[0, 2], [3, 0]]).nonZeroPositions == [1, 2])
  }

  @Test func knowsVariances() {
    let x = Matrix([[1, 2], [3, 4], [5, 9]])
    #expect(x.variance(along: .rows) == Matrix(row: [4, 13]))
    #expect(x.variance(along: .columns) == Matrix(column: [0.5, 0.5, 8]))
    #expect(abs(x.variance - 8) < 1e-14)
    #expect(Matrix.ones(1, 3).variance(along: .rows)[0, 0].isNaN)
    // A large mean does not drown a small spread.
    let far = Matrix(column: [1e9, 1e9 + 1, 1e9 + 2])
    #expect(far.variance == 1)
  }

  @Test func sumsRunAlong() {
    let x = Matrix([[1, 2, 3], [4, 5, 6]])
    #expect(x.cumulativeSum(along: .rows) == Matrix([[1, 2, 3], [5, 7, 9]]))
    #expect(x.cumulativeSum(along: .columns) == Matrix([[1, 3, 6], [4, 9, 15]]))
    #expect(x == Matrix([[1, 2, 3], [4, 5, 6]]))
  }

  @Test func normsDoNotOverflow() {
    #expect(Matrix(row: [3, 4]).frobeniusNorm == 5)
    #expect(abs(Matrix(row: [3e200, 4e200]).frobeniusNorm - 5e200) < 1e186)
    #expect(abs(Matrix(row: [3e-200, 4e-200]).frobeniusNorm - 5e-200) < 1e-214)
    #expect(Matrix.zeros(0, 3).frobeniusNorm == 0)
    #expect(Matrix(row: [.infinity, 1]).frobeniusNorm == .infinity)
  }

  @Test func dotIsTheSumOfProducts() {
    var random = Random(seed: 9)
    let (x, y) = (random.normal(37, 53), random.normal(37, 53))
    let product = x.times(y).total(.sum)
    #expect(abs(x.dot(y) - product) < 1e-10)
    #expect(abs(x.dot(y.transposed.rowMajor().transposed) - product) < 1e-10)
  }

  @Test func emptyMatricesReduce() {
    for shape in [(0, 0), (0, 3), (3, 0)] {
      let x = Matrix.zeros(shape.0, shape.1)
      for reduction in Reduction.allCases {
        #expect(x.reduced(reduction, along: .rows).shape == Shape(1, shape.1))
        #expect(x.reduced(reduction, along: .columns).shape == Shape(shape.0, 1))
      }
      #expect(x.total(.sum) == 0 && x.total(.product) == 1 && x.total(.mean).isNaN)
    }
  }
}
