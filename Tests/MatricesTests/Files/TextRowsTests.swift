import Glibc
import Matrices
import Testing

/// Rows of text files, a block at a time, against the whole of them.
struct TextRowsTests {
  private func withText<R>(_ text: String, _ ending: String, _ body: (String) throws -> R) throws
    -> R
  {
    let path = "/tmp/mfs-test-\(UInt64.random(in: 0...UInt64.max)).\(ending)"
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
    defer { unlink(path) }
    return try body(path)
  }

  private func check(_ rows: some StreamedRows, _ whole: Matrix) throws {
    #expect(rows.shape == whole.shape)
    for count in [1, 7, 256, 300, 5000] {
      var next = 0
      try rows.forEachBlock(of: count) { range, block in
        #expect(range.lowerBound == next && block.isIdentical(to: whole.rows(in: range)))
        next = range.upperBound
      }
      #expect(next == whole.rows)
    }
    #expect(try rows.rows(in: 255..<258).isIdentical(to: whole.rows(in: 255..<258)))
    #expect(try rows.rows(in: 3..<3).shape == Shape(0, whole.columns))
  }

  @Test(arguments: ["", "a,b,c\n", "# made by hand\na,b,c\n"], [",", "\t"])
  func tablesAreWhatReadMakesOfThem(_ top: String, _ sign: String) throws {
    var random = Random(seed: 21)
    let numbers = random.normal(1100, 3)
    var text = top
    for row in 0..<1100 {
      text += (0..<3).map { "\(numbers[row, $0])" }.joined(separator: ",")
      // Empty lines are no rows; the last line need not end.
      text += row == 1099 ? "" : row % 100 == 50 ? "\r\n\n" : "\n"
    }
    text = text.split(separator: ",", omittingEmptySubsequences: false).joined(separator: sign)
    try withText(text, "csv") { path in
      guard case .matrix(let whole) = try CSV.read(path) else {
        Issue.record("no matrix")
        return
      }
      #expect(whole.rows == 1100)
      try check(try CSVRows(path: path), whole)
    }
  }

  @Test func elementsOfASparseFileAreInTheirRows() throws {
    var random = Random(seed: 22)
    var dense = random.normal(1100, 20)
    let chance = random.uniform(1100, 20)
    for place in 0..<dense.count where chance[place] > 0.05 { dense[place] = 0 }
    // Rows at the start, at the end and in the middle without anything.
    for row in [0, 1, 2] + Array(500..<800) + [1098, 1099] {
      for column in 0..<20 { dense[row, column] = 0 }
    }
    let path = "/tmp/mfs-test-\(UInt64.random(in: 0...UInt64.max)).mtx"
    defer { unlink(path) }
    try MatrixMarket.write(SparseMatrix(dense), to: path)
    let rows = try MatrixMarketRows(path: path)
    try check(rows, dense)
    let few = try ShiftedRows(rows: rows, shift: nil, isReadInOnePass: true)
      .leadingSVD(rank: 3, method: .auto)
    #expect(few.s.isClose(to: try dense.svd().s.rows(in: 0..<3), relative: 1e-8))
  }

  @Test func whatCannotBeReadRowByRowIsSaid() throws {
    func failure(_ text: String, _ ending: String) throws -> FileError? {
      try withText(text, ending) { path in
        do {
          let rows: any StreamedRows =
            ending == "csv" ? try CSVRows(path: path) : try MatrixMarketRows(path: path)
          _ = try rows.rows(in: 0..<rows.shape.rows)
          return nil
        } catch let error as FileError {
          return error
        }
      }
    }
    #expect(
      try failure("1,2\n3,4,5\n", "csv") == .ragged(line: 2, found: 3, expected: 2))
    #expect(
      try failure("1,2\n3,x\n", "csv") == .unreadableNumber("x", line: 2, column: 2))
    #expect(try failure("", "csv") == .empty)
    guard case .unsupported? = try failure("1,\"2\"\n", "csv") else {
      Issue.record("quotes")
      return
    }
    let head = "%%MatrixMarket matrix coordinate real general\n% a comment\n"
    #expect(try failure(head + "2 2 2\n1 1 5\n2 2 6\n", "mtx") == nil)
    guard case .unsupported? = try failure(head + "2 2 2\n2 1 5\n1 2 6\n", "mtx") else {
      Issue.record("order")
      return
    }
    #expect(
      try failure(head + "2 2 3\n1 1 5\n2 2 6\n", "mtx")
        == .badLine(5, "2 elements and not 3"))
    #expect(try failure(head + "2 2 1\n1 3 5\n", "mtx") == .badLine(4, "'1 3 5'"))
    #expect(try failure("1 2 3\n", "mtx") == .notOfFormat(.mtx))
  }
}
