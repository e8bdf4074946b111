import Matrices
import Testing

/// A step of coordinate descent does at once what its parts do one after the other.
@Suite struct DescentTests {
  struct Case: Sendable, CustomStringConvertible {
    var rows: Int
    var columns: Int
    var rank: Int
    var precision: Precision
    var description: String { "\(rows)×\(columns), rank \(rank), \(precision)" }
  }

  private static let cases = [
    Case(rows: 1, columns: 7, rank: 1, precision: .double),
    Case(rows: 61, columns: 40, rank: 5, precision: .double),
    Case(rows: 1100, columns: 30, rank: 16, precision: .single),
    Case(rows: 2100, columns: 25, rank: 19, precision: .double),
    // Too many parts for Gram matrices a piece.
    Case(rows: 90, columns: 120, rank: 70, precision: .single),
  ]

  private static func terms(_ number: Int) -> FactorTerms {
    var terms = FactorTerms()
    switch number {
    case 0: break
    case 1: (terms.l1, terms.l2, terms.orthogonality) = (0.3, 0.1, 0.05)
    case 2: (terms.lowest, terms.highest) = (0.2, 0.9)
    default: terms.lowest = -.infinity
    }
    return terms
  }

  /// Coordinate descent as its definition says, a row at a time in 64 bits.
  private func descended(
    _ factor: Matrix, _ gram: Matrix, _ target: Matrix, sweeps: Int, _ terms: FactorTerms
  ) -> Matrix {
    let (g, b) = (gram.converted(to: .double), target.converted(to: .double))
    var f = factor.converted(to: .double)
    for row in 0..<f.rows {
      for _ in 0..<sweeps {
        for r in 0..<f.columns where g[r, r] + terms.l2 > 0 {
          var sum = b[row, r] - terms.l1
          for s in 0..<f.columns where s != r { sum -= f[row, s] * (g[s, r] + terms.orthogonality) }
          f[row, r] = min(terms.highest, max(terms.lowest, sum / (g[r, r] + terms.l2)))
        }
      }
    }
    return f
  }

  @Test(arguments: cases, 0..<4)
  func aStepIsItsParts(_ size: Case, _ number: Int) {
    var random = Random(seed: 71)
    let (m, n, k, precision) = (size.rows, size.columns, size.rank, size.precision)
    let seen = Matrix.combine(.less, random.uniform(m, n), 0.3)
    let x = random.uniform(m, n).times(seen).converted(to: precision)
    let (f, old) = (random.uniform(m, k, precision), random.uniform(m, k, precision))
    let given = random.uniform(n, k, precision)
    let terms = Self.terms(number)
    var limits = FactorTerms()
    limits.highest = 1.5
    var from = ReachingFactor(old)
    from.move(to: f, by: 0.3, within: nil)
    let start = f + 0.3 * (f - old)
    var otherFrom = ReachingFactor(random.uniform(n, k, precision))
    otherFrom.move(to: given, by: 0.2, within: limits)
    let other = otherFrom.ahead
    let plan = DescentPlan(
      gram: other.gram, sweeps: 2, decay: 0, terms: terms,
      reach: DescentPlan.Reach(momentum: 0.4, limits: limits), needsGram: true)
    let target = x * other
    let expected = descended(start, other.gram, target, sweeps: 2, terms)
    let tolerance = precision == .single ? 2e-3 : 1e-9
    let targets: [(String, DescentTarget)] = [
      ("whole", .whole(target)), ("full", .product(.dense(x), otherFrom)),
      ("transposed", .product(.dense(x.transposed.rowMajor().transposed), otherFrom)),
      ("sparse", .product(.sparse(SparseMatrix(x)), otherFrom)),
      ("mapped", .mapped(MappedMatrix(x), otherFrom)),
      ("mapped columns", .mapped(MappedMatrix(x.transposed).transposed, otherFrom)),
    ]
    for (name, goal) in targets {
      var factor = from
      let step = factor.step(plan, goal)
      let moved = factor.now
      let what = Comment(rawValue: "\(size), \(name), terms \(number)")
      #expect(moved.isClose(to: expected, relative: tolerance, absolute: tolerance), what)
      let ahead = (moved + 0.4 * (moved - f)).clamped(0, 1.5)
      #expect(factor.ahead.isClose(to: ahead, relative: 1e-5, absolute: 1e-5), what)
      let gram = ahead.gram
      #expect(step.aheadGram.isClose(to: gram, relative: 1e-4, absolute: 1e-4), what)
      #expect(step.gram?.isClose(to: moved.gram, relative: 1e-4, absolute: 1e-4) == true, what)
      let product = target.dot(moved)
      #expect(abs(step.product - product) <= 1e-5 * (abs(product) + 1), what)
      let squares = moved.reduced(.sumOfSquares, along: .rows).elements
      for r in 0..<k { #expect(abs(step.report.squares[r] - squares[r]) < 1e-4 * (1 + squares[r])) }
      var settled = factor
      #expect(settled.settle().isIdentical(to: factor.ahead), what)
      factor.takeBack()
      #expect(factor.ahead.isIdentical(to: f), what)
      var once = start
      let report = once.descend(gram: other.gram, target: target, sweeps: 1, decay: 0, terms: terms)
      let changes = once.squaredDistances(from: start)
      for r in 0..<k {
        #expect(abs(report.firstChange[r] - changes[r]) < 1e-4 * (1 + changes[r]), what)
      }
    }
  }

  @Test(arguments: [Precision.single, .double])
  func aStepDoesNotDependOnTheThreads(_ precision: Precision) {
    var random = Random(seed: 72)
    let x = random.uniform(1500, 200, precision)
    let other = random.uniform(200, 9, precision)
    let start = random.uniform(1500, 9, precision)
    let plan = DescentPlan(
      gram: other.gram, sweeps: 3, decay: 0.1, terms: FactorTerms(),
      reach: DescentPlan.Reach(momentum: 0.5, limits: FactorTerms()), needsGram: true)
    let thinned = x.times(Matrix.combine(.less, random.uniform(1500, 200), 0.1))
      .converted(to: precision)
    var reached = ReachingFactor(random.uniform(200, 9, precision))
    reached.move(to: other, by: 0.3, within: nil)
    let targets = [
      DescentTarget.product(.dense(x), reached), .product(.sparse(SparseMatrix(thinned)), reached),
      .mapped(MappedMatrix(thinned), reached),
    ]
    for target in targets {
      var many = ReachingFactor(start)
      let first = many.step(plan, target)
      // Inside a piece everything runs on one thread.
      var alone = (many, first)
      ThreadPool.shared.run(2) { piece in
        if piece == 0 {
          var factor = ReachingFactor(start)
          let step = factor.step(plan, target)
          alone = (factor, step)
        }
      }
      #expect(many.now.isIdentical(to: alone.0.now))
      #expect(many.ahead.isIdentical(to: alone.0.ahead))
      #expect(first.aheadGram.isIdentical(to: alone.1.aheadGram))
      #expect(first.product == alone.1.product && first.report.squares == alone.1.report.squares)
    }
  }

  @Test(arguments: [Precision.single, .double], [1, 16, 19, 40, 70])
  func productsByAMapAreProducts(_ precision: Precision, _ rank: Int) {
    var random = Random(seed: 73)
    for (m, n) in [(1, 1), (64, 64), (65, 130), (200, 63), (300, 90)] {
      let x = random.uniform(m, n, precision)
        .times(Matrix.combine(.less, random.uniform(m, n), 0.2)).converted(to: precision)
      let mapped = MappedMatrix(x)
      let (f, g) = (random.uniform(n, rank, precision), random.uniform(m, rank, precision))
      let tolerance = precision == .single ? 1e-5 : 1e-13
      #expect(mapped.times(f).isClose(to: x * f, relative: tolerance, absolute: tolerance))
      let down = mapped.transposed.times(g)
      #expect(down.isClose(to: x.transposed * g, relative: tolerance, absolute: tolerance))
      #expect(Double(mapped.count) == x.total(.count))
    }
  }
}
