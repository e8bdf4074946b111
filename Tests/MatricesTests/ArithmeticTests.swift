import Matrices
import Testing

/// Elementwise operations and products against loops written out.
@Suite struct ArithmeticTests {
  /// Every operation, written out for one pair.
  func naive(_ operation: ElementwiseOperation, _ a: Double, _ b: Double) -> Double {
    switch operation {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .power: a == b ? 1 : 0  // Compared apart.
    case .remainder: a - b * (a / b).rounded(.down)
    case .minimum: min(a, b)
    case .maximum: max(a, b)
    case .equal: a == b ? 1 : 0
    case .unequal: a != b ? 1 : 0
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    case .and: a != 0 && b != 0 ? 1 : 0
    case .or: a != 0 || b != 0 ? 1 : 0
    }
  }

  /// Whole numbers from −3 to 3 in one of four layouts.
  func operand(_ rows: Int, _ columns: Int, layout: Int, seed: UInt64) -> Matrix {
    var random = Random(seed: seed)
    switch layout {
    case 0: return random.whole(in: -3...3, rows, columns)
    case 1: return random.whole(in: -3...3, columns, rows).transposed
    case 2: return random.whole(in: -3...3, rows + 2, columns).rows(in: 1..<rows + 1)
    default: return random.whole(in: -3...3, rows, columns).converted(to: .single)
    }
  }

  @Test(arguments: ElementwiseOperation.allCases)
  func numbersGiveTheBitsOfElements(_ operation: ElementwiseOperation) {
    let values = [0, -0.0, 1, -1.5, 7, 1e300, -.infinity, .infinity, .nan, 5e-324, 0.1]
    for a in values {
      let row = Matrix.combine(operation, Matrix(a), Matrix(row: values))
      for (b, element) in zip(values, row.elements) {
        let number = operation.ofNumbers(a, b)
        #expect(
          number.bitPattern == element.bitPattern || number.isNaN && element.isNaN,
          "\(operation) of \(a) and \(b)")
      }
    }
  }

  @Test(arguments: ElementwiseOperation.allCases.filter { $0 != .power })
  func equalsALoopInEveryShapeAndLayout(_ operation: ElementwiseOperation) {
    let (m, n) = (5, 19)
    let shapes = [(m, n), (1, n), (m, 1), (1, 1)]
    for (shapeA, shapeB) in shapes.flatMap({ a in shapes.map { (a, $0) } }) {
      for (layoutA, layoutB) in (0..<4).flatMap({ a in (0..<4).map { (a, $0) } }) {
        let a = operand(shapeA.0, shapeA.1, layout: layoutA, seed: 1)
        let b = operand(shapeB.0, shapeB.1, layout: layoutB, seed: 2)
        let result = Matrix.combine(operation, a, b)
        let shape = Shape(max(a.rows, b.rows), max(a.columns, b.columns))
        #expect(result.shape == shape && result.isLogical == operation.isLogical)
        for i in 0..<shape.rows {
          for j in 0..<shape.columns {
            let x = a[a.rows == 1 ? 0 : i, a.columns == 1 ? 0 : j]
            let y = b[b.rows == 1 ? 0 : i, b.columns == 1 ? 0 : j]
            let truth = naive(operation, x, y)
            let value = result[i, j]
            let isRight =
              value.isNaN && truth.isNaN
              || abs(value - truth) <= 1e-6 * (operation == .divide ? 1 : 0) || value == truth
            if !isRight {
              Issue.record("\(x) \(operation) \(y) is \(value) in \(shapeA) \(shapeB)")
              return
            }
          }
        }
      }
    }
  }

  @Test func powersAndRemaindersAreThoseOfSchool() {
    let x = Matrix(row: [2, -2, 9, 0, 2])
    let y = Matrix(row: [10, 3, 0.5, 0, -1])
    #expect(Matrix.combine(.power, x, y) == Matrix(row: [1024, -8, 3, 1, 0.5]))
    #expect(Matrix.combine(.power, x, 2) == Matrix(row: [4, 4, 81, 0, 4]))
    let a = Matrix(row: [-1, 5, -5.5, 7])
    #expect(Matrix.combine(.remainder, a, 3) == Matrix(row: [2, 2, 0.5, 1]))
    #expect(Matrix.combine(.remainder, a, -3) == Matrix(row: [-1, -1, -2.5, -2]))
    #expect(Matrix.combine(.remainder, 1, Matrix(0))[0, 0].isNaN)
    #expect(Matrix.combine(.minimum, Matrix(Double.nan), 1)[0, 0].isNaN)
    #expect(Matrix.combine(.maximum, 1, Matrix(Double.nan))[0, 0].isNaN)
  }

  @Test func addsInPlaceInAnyLayout() {
    var random = Random(seed: 3)
    let (x, y) = (random.normal(41, 37), random.normal(41, 37))
    var sum = x
    sum.add(y, scale: -2)
    #expect(sum.isClose(to: x - 2 * y))
    var turned = x.transposed.rowMajor().transposed
    turned.add(y, scale: -2)
    #expect(turned.isClose(to: sum))
  }

  @Test(arguments: [
    (1, 1, 1), (3, 3, 3), (2, 7, 5), (16, 16, 16), (65, 33, 70), (1, 300, 1), (300, 1, 300),
    (200, 3, 4), (3, 4, 90_000), (700, 600, 2), (2, 600, 700), (130, 140, 150), (5, 2000, 1000),
  ])
  func productsEqualSumsOfProducts(_ m: Int, _ n: Int, _ k: Int) {
    var random = Random(seed: 7)
    for precision in Precision.allCases {
      let (a, b) = (random.normal(m, k, precision), random.normal(k, n, precision))
      let (turnedA, turnedB) = (a.transposed.rowMajor(), b.transposed.rowMajor())
      let product = a * b
      let tolerance = (precision == .double ? 1e-13 : 1e-5) * Double(k).squareRoot() * 10
      // Some elements by hand, all by each of the other layouts.
      for (i, j) in [(0, 0), (m - 1, n - 1), (m / 2, n / 3)] {
        let sum = zip(a.row(i), b.column(j)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product[i, j] - sum) <= tolerance)
      }
      for other in [
        turnedA.transposed * b, a * turnedB.transposed, turnedA.transposed * turnedB.transposed,
      ] {
        #expect(other.isClose(to: product, relative: 0, absolute: tolerance))
      }
      var result = Matrix.ones(m, n, precision)
      Matrix.product(a, b, into: &result, scale: 2, keep: 3)
      #expect(result.isClose(to: 2 * product + 3, relative: 0, absolute: 4 * tolerance))
      var flipped = Matrix.zeros(n, m, precision).transposed
      Matrix.product(a, b, into: &flipped)
      #expect(flipped.isClose(to: product, relative: 0, absolute: tolerance))
    }
  }

  @Test func anOverwrittenResultForgetsWhatItHeld() {
    var result = Matrix.filled(3, 3, with: .nan)
    Matrix.product(.identity(3), .ones(3, 3), into: &result)
    #expect(result == .ones(3, 3))
  }
}
