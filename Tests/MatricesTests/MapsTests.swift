import Foundation
import Matrices
import Testing

/// Functions of every element, against the C library in 80-bit arithmetic.
@Suite struct MapsTests {
  /// Units in the last place between a result and the true value rounded to the same precision.
  func distance(_ value: Double, _ truth: Float80, _ precision: Precision) -> Double {
    let rounded = precision == .single ? Double(Float(truth)) : Double(truth)
    if value == rounded || value.isNaN && rounded.isNaN { return 0 }
    if !value.isFinite || !rounded.isFinite { return .infinity }
    let unit = precision == .single ? Double(Float(rounded).ulp) : rounded.ulp
    return Double(abs(Float80(value) - truth)) / unit
  }

  static let oracles: [(ElementwiseFunction, @Sendable (Float80) -> Float80, ClosedRange<Double>)] =
    [
      (.exp, { Foundation.exp($0) }, -87...88),
      (.log, { Foundation.log($0) }, 1e-30...100),
      (.tanh, { Foundation.tanh($0) }, -12...12),
      (.sigmoid, { 1 / (1 + Foundation.exp(-$0)) }, -80...80),
      (.sin, { Foundation.sin($0) }, -10...10),
      (.asin, { Foundation.asin($0) }, -1...1),
      (.acos, { Foundation.acos($0) }, -1...1),
      (.atan, { Foundation.atan($0) }, -50...50),
      (.sinh, { Foundation.sinh($0) }, -80...80),
      (.cosh, { Foundation.cosh($0) }, -80...80),
      (.erf, { Foundation.erf($0) }, -4...4),
      (.log1p, { Foundation.log1p($0) }, -0.99...50),
      (.expm1, { Foundation.expm1($0) }, -40...40),
      (.softplus, { Foundation.log1p(Foundation.exp($0)) }, -40...40),
    ]

  @Test(arguments: [Precision.double, .single])
  func isExactToAboutTwoUnitsInTheLastPlace(_ precision: Precision) {
    for (function, oracle, range) in Self.oracles {
      var random = Random(seed: 3)
      let wide =
        random.uniform(1, 40_000) * (range.upperBound - range.lowerBound) + range.lowerBound
      let small = (random.uniform(1, 20_000) - 0.5) * 1e-3
      let near = function == .log ? small + 1 : small
      let middle = (random.uniform(1, 20_000) + 0.01) * 2
      let x = Matrix.besides([wide, near, middle]).converted(to: precision)
      let y = x.mapped(function).elements
      var worst = 0.0
      var place = 0.0
      for (value, result) in zip(x.elements, y) {
        let error = distance(result, oracle(Float80(value)), precision)
        if error > worst { (worst, place) = (error, value) }
      }
      #expect(
        worst <= 2,
        "\(function) \(precision) at \(place): \(worst) units")
    }
  }

  /// Numbers of 64 bits over their whole range, and where the formulas change.
  @Test func isExactToTwoUnitsFarOut() {
    var random = Random(seed: 8)
    let part = random.uniform(1, 4000).elements
    let cases: [(ElementwiseFunction, @Sendable (Float80) -> Float80, (Double) -> Double)] = [
      (.exp, { Foundation.exp($0) }, { $0 * 1417 - 708 }),
      (.exp, { Foundation.exp($0) }, { 709.7 + $0 * 0.08 }),
      (.log, { Foundation.log($0) }, { Foundation.exp($0 * 1400 - 700) }),
      (.log, { Foundation.log($0) }, { 1 + ($0 - 0.5) * 1e-12 }),
      (.tanh, { Foundation.tanh($0) }, { 0.624 + $0 * 0.002 }),
      (.tanh, { Foundation.tanh($0) }, { ($0 - 0.5) * 2 }),
      (.tanh, { Foundation.tanh($0) }, { Foundation.exp($0 * 600 - 600) }),
      (.tanh, { Foundation.tanh($0) }, { $0 * -25 }),
      (.sigmoid, { 1 / (1 + Foundation.exp(-$0)) }, { $0 * 1400 - 700 }),
    ]
    for (function, oracle, place) in cases {
      let x = Matrix(row: part.map(place))
      var worst = (error: 0.0, x: 0.0)
      for (value, result) in zip(x.elements, x.mapped(function).elements) {
        let error = distance(result, oracle(Float80(value)), .double)
        if error > worst.error { worst = (error, value) }
      }
      #expect(worst.error <= 2, "\(function) at \(worst.x): \(worst.error) units")
    }
  }

  @Test(arguments: [Precision.double, .single])
  func knowsTheEdges(_ precision: Precision) {
    let inf = Double.infinity
    func f(_ function: ElementwiseFunction, _ x: Double) -> Double {
      Matrix(x).converted(to: precision).mapped(function)[0, 0]
    }
    #expect(f(.exp, 0) == 1 && f(.exp, -0.0) == 1)
    #expect(f(.exp, inf) == inf && f(.exp, -inf) == 0 && f(.exp, .nan).isNaN)
    #expect(f(.exp, 710) == inf && f(.exp, -750) == 0 && f(.exp, 1e300) == inf)
    let top = precision == .double ? 709.782712893384 : Double(Float(88.72283))
    #expect(f(.exp, top).isFinite && f(.exp, top) > 1e38)
    let bottom = precision == .double ? -708.39 : -87.33
    #expect(f(.exp, bottom) > 0)
    #expect(f(.log, 0) == -inf && f(.log, -0.0) == -inf && f(.log, inf) == inf)
    #expect(f(.log, -1).isNaN && f(.log, -inf).isNaN && f(.log, .nan).isNaN)
    #expect(f(.log, 1) == 0 && f(.log, 1e30) > 69)
    #expect(f(.tanh, inf) == 1 && f(.tanh, -inf) == -1 && f(.tanh, .nan).isNaN)
    #expect(
      f(.tanh, -0.0).sign == .minus && f(.tanh, 1e-30) == Double(Float(1e-30))
        || precision == .double)
    #expect(f(.sigmoid, inf) == 1 && f(.sigmoid, -inf) == 0 && f(.sigmoid, .nan).isNaN)
    #expect(f(.sigmoid, 0) == 0.5)
    #expect(f(.abs, -3) == 3 && f(.abs, -inf) == inf && f(.abs, .nan).isNaN)
    #expect(f(.sign, -3) == -1 && f(.sign, 0) == 0 && f(.sign, 2) == 1 && f(.sign, .nan).isNaN)
    #expect(f(.floor, -2.5) == -3 && f(.ceil, -2.5) == -2)
    #expect(f(.round, 2.5) == 3 && f(.round, -2.5) == -3 && f(.round, 0.49999) == 0)
    #expect(f(.relu, -2) == 0 && f(.relu, 2) == 2 && f(.relu, .nan).isNaN)
    #expect(f(.not, 0) == 1 && f(.not, 5) == 0 && f(.isNaN, .nan) == 1 && f(.isNaN, inf) == 0)
    #expect(f(.isFinite, inf) == 0 && f(.isFinite, .nan) == 0 && f(.isFinite, 3) == 1)
    #expect(f(.sqrt, -1).isNaN && f(.sqrt, 9) == 3 && f(.reciprocal, 0) == inf)
  }

  @Test func givesTheSameBitsWhereverAnElementStands() {
    var random = Random(seed: 1)
    let x = random.normal(7, 13)
    for function in ElementwiseFunction.allCases {
      let whole = x.mapped(function)
      #expect(x.transposed.mapped(function).transposed.isIdentical(to: whole), "\(function)")
      var inPlace = x
      inPlace.map(function)
      #expect(inPlace.isIdentical(to: whole))
      for i in 0..<x.rows {
        #expect(x.rows(in: i..<i + 1).mapped(function).isIdentical(to: whole.rows(in: i..<i + 1)))
        #expect(function(x[i, 3]).bitPattern == whole[i, 3].bitPattern)
      }
    }
  }

  @Test(arguments: [1, 3, 10, 16, 33, 1000])
  func softmaxSumsToOneAndDoesNotOverflow(_ width: Int) {
    var random = Random(seed: 5)
    for precision in Precision.allCases {
      let x = (random.normal(6, width) * 500).converted(to: precision)
      let rows = x.softmax(along: .columns)
      #expect(rows.reduced(.sum, along: .columns).isClose(to: .ones(6, 1), relative: 1e-5))
      #expect(x.transposed.softmax(along: .rows).isIdentical(to: rows.transposed))
      let shifted = (x + 3).softmax(along: .columns)
      #expect(shifted.isClose(to: rows, relative: 1e-2, absolute: 1e-5))
    }
    let known = Matrix(row: [1, 2, 3]).softmax(along: .columns)
    #expect(
      known.isClose(
        to: Matrix(row: [0.09003057317038046, 0.24472847105479764, 0.6652409557748219]),
        relative: 1e-14))
  }

  @Test func clampsAndChooses() {
    let x = Matrix([[-2, 0.5, 9], [.nan, 1, -0.1]])
    let clamped = x.clamped(0, 1)
    #expect(clamped.row(0) == [0, 0.5, 1] && clamped[1, 0].isNaN && clamped[1, 2] == 0)
    let mask = Matrix.combine(.greater, x, 0.6)
    let chosen = Matrix.choose(mask, Matrix(row: [10, 20, 30]), Matrix(column: [1, 2]))
    #expect(chosen == Matrix([[1, 1, 30], [2, 20, 2]]))
  }
}
