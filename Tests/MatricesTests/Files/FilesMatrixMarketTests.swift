import Matrices
import Testing

/// MatrixMarket files, and damaged ones.
@Suite struct FilesMatrixMarketTests {
  private func read(_ text: String) throws -> AnyMatrix {
    let folder = try TemporaryFolder()
    return try MatrixMarket.read(try folder.file("m.mtx", text.utf8))
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let folder = try TemporaryFolder()
    let x = Matrix([[0, 2.5, 0], [-1e-300, 0, 0], [0, 0, 1.0 / 3]])
    for name in ["a.mtx", "a.mtx.gz"] {
      let path = folder.path(name)
      try MatrixMarket.write(SparseMatrix(x), to: path)
      #expect(try MatrixMarket.read(path).sparse?.full == x)
      try MatrixMarket.write(x, to: path)
      #expect(try MatrixMarket.read(path).dense == x)
    }
  }

  @Test func patternsAndSymmetricHalvesAreFilledIn() throws {
    let pattern = try read(
      "%%MatrixMarket matrix coordinate pattern general\n% note\n\n2 3 2\n1 3\n2 1\n")
    #expect(pattern.sparse?.full == Matrix([[0, 0, 1], [1, 0, 0]]))
    let symmetric = try read(
      "%%MatrixMarket matrix coordinate real symmetric\r\n2 2 2\r\n1 1 4\r\n2 1 3\r\n")
    #expect(symmetric.full == Matrix([[4, 3], [3, 0]]))
    let skew = try read(
      "%%MatrixMarket matrix coordinate integer skew-symmetric\n2 2 1\n2 1 3")
    #expect(skew.full == Matrix([[0, -3], [3, 0]]))
    let array = try read("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n")
    #expect(array.dense == Matrix([[1, 3], [2, 4]]))
  }

  @Test(arguments: [
    ("", FileError.empty),
    ("1 2 3\n", .notOfFormat(.mtx)),
    ("%%MatrixMarket vector\n", .badHeader(.mtx, "the line \"%%MatrixMarket vector\"")),
    (
      "%%MatrixMarket matrix coordinate complex general\n",
      .unsupported(.mtx, "complex numbers")
    ),
    (
      "%%MatrixMarket matrix coordinate real general\n2 2\n",
      .badLine(2, "no rows, columns and the number of elements")
    ),
    (
      "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n3 1 1\n",
      .badLine(4, "the row 3, and rows are 1 to 2")
    ),
    (
      "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n1 x 1\n",
      .badLine(4, "\"x\" where a number is needed")
    ),
    (
      "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n",
      .badLine(4, "the end of the file after 1 elements of 2")
    ),
    (
      "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1 7\n",
      .badLine(3, "\"7\" behind the last number")
    ),
    (
      "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1\n2 2 1\n",
      .badLine(4, "more than the 1 elements of its header")
    ),
    (
      "%%MatrixMarket matrix coordinate real general\n2 2 99999999\n1 1 1\n",
      .badLine(3, "99999999 elements, and the file is too short for them")
    ),
  ])
  func whatIsWrongIsSaidWithItsLine(_ text: String, _ error: FileError) {
    #expect(throws: error) { try read(text) }
  }
}
