import Glibc
import Matrices
import Testing

/// Rows of a file against the matrix that was written.
struct NPYRowsTests {
  private func withFile<R>(_ x: Matrix, _ body: (NPYRows) throws -> R) throws -> R {
    let path = "/tmp/mfs-test-\(UInt64.random(in: 0...UInt64.max)).npy"
    try NPY.write(x, to: path)
    defer { unlink(path) }
    return try body(NPYRows(path: path))
  }

  @Test(arguments: [Precision.double, .single])
  func rowsAreThoseThatWereWritten(_ precision: Precision) throws {
    var random = Random(seed: 5)
    let x = random.normal(103, 7, precision)
    try withFile(x) { rows in
      #expect(rows.shape == x.shape && rows.precision == precision)
      var next = 0
      try rows.forEachBlock(of: 10) { range, block in
        #expect(range.lowerBound == next && block.isIdentical(to: x.rows(in: range)))
        next = range.upperBound
      }
      #expect(next == 103)
      #expect(try rows.rows(in: 50..<52).isIdentical(to: x.rows(in: 50..<52)))
    }
  }

  @Test func truthValuesAreConverted() throws {
    let x = Matrix.combine(.greater, Matrix([[1, 0, 2], [0, 0, 3]]), 0)
    try withFile(x) { rows in
      try rows.forEachBlock { _, block in #expect(block == Matrix([[1, 0, 1], [0, 0, 1]])) }
    }
  }

  @Test func factorsOfAFileAreThoseOfTheMatrix() throws {
    var random = Random(seed: 6)
    let falling = Matrix(row: (0..<30).map { 1 / Double(1 + $0 * $0) })
    let x = random.normal(400, 30).times(falling) + 2
    try withFile(x) { rows in
      let exact = try x.svd().s.rows(in: 0..<4)
      for method in [SVDMethod.auto, .lanczos] {
        let few = try ShiftedRows(rows: rows, shift: nil, isReadInOnePass: true).leadingSVD(
          rank: 4, method: method)
        #expect(few.s.isClose(to: exact, relative: 1e-10))
        let parts = try ShiftedRows.principalComponents(
          of: rows, 4, method: method, powers: nil, isReadInOnePass: true)
        let whole = try x.principalComponents(4, method: .full)
        #expect(parts.variance.isClose(to: whole.variance, relative: 1e-10))
        #expect(parts.codes.isClose(to: whole.codes, relative: 0, absolute: 1e-6))
      }
    }
  }
}
