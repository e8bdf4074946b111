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
    let other = random.uniform(n, k, precision)
    let terms = Self.terms(number)
    let plan = DescentPlan(
      gram: other.gram, sweeps: 2, decay: 0, terms: terms,
      reach: DescentPlan.Reach(old: old, momentum: 0.4, lowest: 0, highest: 1.5), needsGram: true)
    let target = x * other
    let expected = descended(f, other.gram, target, sweeps: 2, terms)
    let tolerance = precision == .single ? 2e-3 : 1e-9
    let targets: [(String, DescentTarget)] = [
      ("whole", .whole(target)), ("full", .product(.dense(x), other)),
      ("transposed", .product(.dense(x.transposed.rowMajor().transposed), other)),
      ("sparse", .product(.sparse(SparseMatrix(x)), other)),
    ]
    for (name, goal) in targets {
      var moved = f
      let step = moved.step(plan, goal)
      let what = Comment(rawValue: "\(size), \(name), terms \(number)")
      #expect(moved.isClose(to: expected, relative: tolerance, absolute: tolerance), what)
      let ahead = (moved + 0.4 * (moved - old)).clamped(0, 1.5)
      #expect(step.reaching.isClose(to: ahead, relative: 1e-5, absolute: 1e-5), what)
      let gram = step.reaching.gram
      #expect(step.reachingGram.isClose(to: gram, relative: 1e-4, absolute: 1e-4), what)
      #expect(step.gram?.isClose(to: moved.gram, relative: 1e-4, absolute: 1e-4) == true, what)
      let product = target.dot(moved)
      #expect(abs(step.product - product) <= 1e-5 * (abs(product) + 1), what)
      let squares = moved.reduced(.sumOfSquares, along: .rows).elements
      for r in 0..<k { #expect(abs(step.report.squares[r] - squares[r]) < 1e-4 * (1 + squares[r])) }
      var once = f
      let report = once.descend(gram: other.gram, target: target, sweeps: 1, decay: 0, terms: terms)
      let changes = once.squaredDistances(from: f)
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
      reach: DescentPlan.Reach(old: start, momentum: 0.5, lowest: 0, highest: .infinity),
      needsGram: true)
    let sparse = SparseMatrix(x.times(Matrix.combine(.less, random.uniform(1500, 200), 0.1)))
      .converted(to: precision)
    for target in [DescentTarget.product(.dense(x), other), .product(.sparse(sparse), other)] {
      var many = start
      let first = many.step(plan, target)
      // Inside a piece everything runs on one thread.
      var alone = (start, first)
      ThreadPool.shared.run(2) { piece in
        if piece == 0 {
          var factor = start
          let step = factor.step(plan, target)
          alone = (factor, step)
        }
      }
      #expect(many.isIdentical(to: alone.0))
      #expect(first.reaching.isIdentical(to: alone.1.reaching))
      #expect(first.reachingGram.isIdentical(to: alone.1.reachingGram))
      #expect(first.product == alone.1.product && first.report.squares == alone.1.report.squares)
    }
  }
}
