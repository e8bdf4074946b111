import Matrices
import Testing

/// A matrix as lines of text.
@Suite struct MatrixDisplayTests {
  private func shown(_ matrix: Matrix, width: Int = 80, height: Int = 24) -> String {
    matrix.lines(width: width, height: height).joined(separator: "\n")
  }

  @Test func wholeNumbersAreWrittenWhole() {
    #expect(shown(Matrix([[1, -2], [30, 4]])) == " 1  -2\n30   4")
  }

  @Test func decimalPointsStandBelowEachOther() {
    #expect(shown(Matrix([[1, 2.5], [10.25, 4]])) == " 1.00  2.50\n10.25  4.00")
    #expect(shown(Matrix(row: [1.0 / 3, 2.0 / 3])) == "0.3333  0.6667")
    #expect(shown(Matrix(row: [1234.5678, 0.5])) == "1234.6  0.5")
  }

  @Test func roundingErrorsAreNotShown() {
    #expect(shown(Matrix(row: [0.9999999999999998, 2])) == "1  2")
    #expect(shown(Matrix(row: [1.00001, 2])) == "1.0  2.0")
  }

  @Test func exactZerosCanBeToldFromSmallNumbers() {
    #expect(shown(Matrix(row: [0, 1e-7, -1e-7, 0.25])) == "0  0.00  0.00  0.25")
  }

  @Test func aCommonPowerOfTenIsTakenOut() {
    #expect(shown(Matrix(row: [1_234_567.5, 2_000_000])) == "10^6 ×\n1.2346  2.0000")
    #expect(shown(Matrix(row: [1.5e-5, 2e-5])) == "10^-5 ×\n1.5  2.0")
  }

  @Test func numbersThatSpreadFarAreWrittenEachByItself() {
    #expect(shown(Matrix(row: [1e-8, 1, 1.5e6])) == "1e-08  1  1500000")
  }

  @Test func whatIsNoNumberIsNamed() {
    #expect(shown(Matrix(row: [.nan, .infinity, -.infinity, 0.5])) == "NaN  Inf  -Inf  0.5")
    #expect(shown(Matrix(row: [.nan, .nan])) == "NaN  NaN")
  }

  @Test func truthIsWrittenInWords() {
    let truth = Matrix.combine(.greater, Matrix(row: [1, 3]), 2)
    #expect(shown(truth) == "false  true")
  }

  @Test func singlePrecisionShowsNoFalseDigits() {
    #expect(shown(Matrix(1, 2, floats: [0.1, 0.25])) == "0.10  0.25")
  }

  @Test func anEmptyMatrixSaysSo() { #expect(shown(.zeros(0, 3)) == "empty 0×3 matrix") }

  @Test func aLargeMatrixShowsCornersAndASummary() {
    let matrix = Matrix(100, 50, (0..<5000).map(Double.init))
    #expect(
      shown(matrix) == """
           0     1     2  …    47    48    49
          50    51    52  …    97    98    99
         100   101   102  …   147   148   149
           ⋮     ⋮     ⋮        ⋮     ⋮     ⋮
        4850  4851  4852  …  4897  4898  4899
        4900  4901  4902  …  4947  4948  4949
        4950  4951  4952  …  4997  4998  4999
        100×50 f64, min 0, mean 2499.5, max 4999
        """)
  }

  @Test func theSummaryCountsMissingNumbers() {
    var matrix = Matrix.ones(100, 2, .single)
    matrix[3, 1] = .nan
    #expect(matrix.summaryLine(width: 80) == "100×2 f32, min 1, mean 1, max 1, 1 NaN")
  }

  @Test func namesStandAboveTheirColumns() {
    var table = Matrix([[1990, 0.5], [1991, 12.25]])
    table.columnNames = ["year", "price"]
    #expect(shown(table) == "year  price\n1990   0.50\n1991  12.25")
  }

  @Test(arguments: [(1, 1), (2, 1), (1, 24), (5, 3), (10, 9), (20, 24), (80, 10), (7, 1000)])
  func neverWiderThanTheTerminalNorHigherThanAThird(_ width: Int, _ height: Int) {
    var table = Matrix(40, 12, (0..<480).map { Double($0) * 1.7e5 - 3 })
    for _ in 0..<2 {
      let lines = table.lines(width: width, height: height)
      #expect(lines.count <= max(1, height / 3))
      #expect(lines.allSatisfy { $0.displayWidth <= width })
      table.columnNames = (0..<12).map { "列の名前 \($0)" }
    }
  }

  @Test func statisticsAgreeWithSums() {
    let numbers = (0..<100_000).map { Double($0 * 7919 % 1000) }
    let facts = Matrix(100, 1000, numbers).statistics
    #expect(facts.minimum == 0 && facts.maximum == 999)
    #expect(facts.sum == numbers.reduce(0, +))
    #expect(Matrix.filled(2, 2, with: .nan).statistics.mean == nil)
  }

  @Test func aFewElementsCanBeTypedBack() {
    #expect(Matrix([[1, 2], [3, 4.5]]).literal(width: 80) == "[1, 2; 3, 4.5]")
    #expect(Matrix.ones(5, 5).literal(width: 80) == nil)
    #expect(Matrix.zeros(0, 0).literal(width: 80) == "[]")
  }
}

/// Text measured in cells of a terminal.
@Suite struct TextWidthTests {
  @Test func wideLettersTakeTwoCells() {
    #expect("abc".displayWidth == 3)
    #expect("日本".displayWidth == 4)
    #expect("e\u{301}".displayWidth == 1)
    #expect("🙂".displayWidth == 2)
  }

  @Test func textIsCutAtACellNotAtALetter() {
    #expect("日本語".truncated(toWidth: 4) == "日…")
    #expect("日本語".truncated(toWidth: 6) == "日本語")
    #expect("hello".truncated(toWidth: 4) == "hel…")
    #expect("hello".truncated(toWidth: 0) == "")
  }
}
