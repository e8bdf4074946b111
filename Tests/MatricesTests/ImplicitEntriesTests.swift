import Matrices
import Testing

/// Lines of implicit factorizations: the loops over entries by fours, with any number of entries and
/// any rank.
struct ImplicitEntriesTests {
  private static func layout(_ solution: ImplicitLayout.Solution) -> ImplicitLayout {
    ImplicitLayout(unobserved: 0.3, penalty: 0.2, exponent: 0.5, by: solution)
  }

  @Test(arguments: [1, 3, 16, 17, 64, 70, 130])
  func manyStepsComeToTheExactSolution(_ rank: Int) {
    var random = Random(seed: 31)
    let entries = ObservedEntries.byTens(&random, spread: 3)
    let items = (0.5 * random.normal(30, rank)).converted(to: .single)
    var found = random.normal(40, rank).converted(to: .single)
    var exact = Matrix.zeros(40, rank, .single)
    entries.solveImplicitRows(&exact, items, Self.layout(.exact))
    let loss = entries.solveImplicitRows(&found, items, Self.layout(.gradients(steps: 60)))
    #expect(found.isClose(to: exact, relative: 2e-3, absolute: 2e-4))
    // The loss of the entries is that of their formula.
    var wanted = 0.0
    let (w, h) = (found.converted(to: .double), items.converted(to: .double))
    for (place, c) in entries.values.enumerated() {
      let (i, j) = (Int(entries.rows[place]), Int(entries.columns[place]))
      let y = w.rows(in: i..<i + 1).dot(h.rows(in: j..<j + 1))
      wanted += c * (1 - y) * (1 - y) - 0.3 * y * y
    }
    #expect(abs(loss - wanted) < 1e-5 * (1 + abs(wanted)))
    #expect(found.rows(in: 10..<11).sumOfSquares == 0)
  }

  /// No step of conjugate gradients raises the loss of a line.
  @Test func fewStepsNeverRaiseTheLoss() {
    var random = Random(seed: 32)
    let entries = ObservedEntries.byTens(&random, spread: 3)
    let items = random.normal(30, 20).converted(to: .single)
    let layout = Self.layout(.gradients(steps: 1))
    var users = random.normal(40, 20).converted(to: .single)
    let gram = items.transposed * items
    var last = Double.infinity
    for _ in 0..<12 {
      let known = entries.solveImplicitRows(&users, items, gram: gram, layout)
      let penalties = entries.rowCounts.enumerated().reduce(0.0) { sum, line in
        sum + layout.penalty(entries: line.element, of: 30)
          * users.rows(in: line.offset..<line.offset + 1).sumOfSquares
      }
      let loss = known + 0.3 * (users.transposed * users).dot(gram) + penalties
      #expect(loss <= last * (1 + 1e-5))
      last = loss
    }
  }
}
