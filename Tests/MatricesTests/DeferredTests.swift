import Matrices
import Testing

/// Trees of operations in one pass against the operations one after the other.
@Suite struct DeferredTests {
  /// From 16 MiB on results are written past the caches; the last tile of these is not a whole one.
  @Test(arguments: [(700, 301), (2003, 2203)], Precision.allCases)
  func resultsOfEverySizeAreThoseOfSingleOperations(
    _ size: (rows: Int, columns: Int), _ precision: Precision
  ) {
    var random = Random(seed: 7)
    let a = random.uniform(size.rows, size.columns).converted(to: precision)
    let b = random.uniform(size.rows, size.columns).converted(to: precision)
    let (x, y) = (DeferredMatrix(a), DeferredMatrix(b))
    let tree = x.combined(.multiply, y).combined(.add, x.combined(0.5, .multiply)).mapped(.sqrt)
    let single = (a.times(b) + 0.5 * a).mapped(.sqrt)
    #expect(tree.matrix.isIdentical(to: single))
  }
}
