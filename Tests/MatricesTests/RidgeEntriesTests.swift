import KernelTables
import Matrices
import Testing

/// Lines of explicit ratings by conjugate gradients: the loops over entries by fours, with any number
/// of entries and any rank.
@Suite struct RidgeEntriesTests {
  /// `[p, b, 1]` of rows against `[q, 1, c]` of columns.
  private static func layout(_ rank: Int, hasBias: Bool) -> RidgeLayout {
    RidgeLayout(
      rank: rank, bias: rank, offset: rank + 1, mean: hasBias ? 3 : 0, penalty: 0.4,
      biasPenalty: 0.2, solvesBias: hasBias, exponent: 0.5)
  }

  private static func columns(_ rank: Int, hasBias: Bool, _ random: inout Random) -> Matrix {
    var items = 0.5 * random.normal(30, rank + 2)
    for column in 0..<30 {
      items[column, rank] = hasBias ? 1 : 0
      if !hasBias { items[column, rank + 1] = 0 }
    }
    return items
  }

  @Test(arguments: [0, 1, 3, 8, 16, 31, 32, 50], [false, true])
  func manyStepsComeToTheExactSolution(_ rank: Int, _ hasBias: Bool) {
    guard rank > 0 || hasBias else { return }
    var random = Random(seed: 51)
    let entries = ObservedEntries.byTens(&random, spread: 4)
    let items = Self.columns(rank, hasBias: hasBias, &random)
    var layout = Self.layout(rank, hasBias: hasBias)
    var (exact, found) = (Matrix.zeros(40, rank + 2), random.normal(40, rank + 2))
    for row in 0..<40 {
      (exact[row, rank + 1], found[row, rank + 1]) = (1, 1)
      if !hasBias { found[row, rank] = 0 }
    }
    let wanted = entries.solveRows(&exact, items, layout, measures: true)
    layout.steps = 80
    let left = entries.solveRows(&found, items, layout, measures: true)
    #expect(found.isClose(to: exact, relative: 1e-7, absolute: 1e-8))
    #expect(abs(left - wanted) < 1e-7 * wanted)
    // What is left is that of its formula.
    let products = entries.products(found, items)
    let squares = zip(products, entries.values).reduce(0.0) {
      $0 + ($1.0 + layout.mean - $1.1) * ($1.0 + layout.mean - $1.1)
    }
    #expect(abs(left - squares) < 1e-10 * squares)
    #expect(found.rows(in: 10..<11).selecting(columns: Array(0...rank)).sumOfSquares == 0)
  }

  @Test func withoutAskingNothingIsMeasured() {
    var random = Random(seed: 52)
    let entries = ObservedEntries.byTens(&random, spread: 4)
    let items = Self.columns(4, hasBias: true, &random)
    var layout = Self.layout(4, hasBias: true)
    var users = random.normal(40, 6)
    #expect(entries.solveRows(&users, items, layout) == 0)
    layout.steps = 3
    #expect(entries.solveRows(&users, items, layout) == 0)
  }

  /// The kernel for wide vectors gives the bits of that for narrow ones.
  @Test(arguments: [8, 24, 40]) func anyWidthGivesTheSameBits(_ stride: Int) {
    var random = Random(seed: 53)
    let factor = random.normal(20, stride).elements
    let offsets = random.normal(20, 1).elements
    let values = random.normal(11, 1).elements
    let places = (0..<11).map { Int32($0 * 7 % 20) }
    func solved(_ table: KernelTable<Double>) -> [Double] {
      let count = RidgeLine<Double>.roomCount(stride: stride, longest: 11)
      let memory = UnsafeMutablePointer<Double>.allocate(capacity: count)
      memory.initialize(repeating: 0, count: count)
      defer { memory.deallocate() }
      var squares = 0.0
      factor.withUnsafeBufferPointer { factor in
        offsets.withUnsafeBufferPointer { offsets in
          places.withUnsafeBufferPointer { places in
            values.withUnsafeBufferPointer { values in
              guard let factor = factor.baseAddress, let offsets = offsets.baseAddress else {
                return
              }
              var line = RidgeLine(
                factor: factor, offsets: offsets, stride: stride, solvesBias: true, memory: memory)
              (line.places, line.values) = (places.baseAddress, values.baseAddress)
              (line.count, line.penalty, line.biasPenalty) = (11, 0.3, 0.1)
              squares = table.approachRidge(line, 3, true)
            }
          }
        }
      }
      return [squares, memory[4 * stride]] + (0..<stride).map { memory[$0] }
    }
    #expect(solved(Double.chosenKernels) == solved(Double.narrowKernels))
  }
}
