import Foundation
import Matrices
import Testing

/// Tables as text: what is found out about them, and what is said when they are damaged.
@Suite struct FilesCSVTests {
  private func matrix(_ text: String, _ options: CSV.Options = CSV.Options()) throws -> Matrix? {
    guard case .matrix(let matrix) = try CSV.parse(Array(text.utf8), options) else { return nil }
    return matrix
  }

  private func columns(_ text: String, _ options: CSV.Options = CSV.Options()) throws -> [String] {
    guard case .columns(let columns) = try CSV.parse(Array(text.utf8), options) else { return [] }
    return columns.map { name, column in
      switch column {
      case .numbers(let numbers): "\(name): \(numbers.elements.map { NumberFormat.short($0) })"
      case .texts(let texts): "\(name): \(texts)"
      }
    }
  }

  private func error(_ text: String, _ options: CSV.Options = CSV.Options()) -> FileError? {
    #expect(throws: FileError.self) { _ = try CSV.parse(Array(text.utf8), options) }
  }

  @Test(arguments: [
    "1,2\n3,4\n", "1,2\n3,4", "1;2\n3;4\n", "1\t2\n3\t4\n", "1|2\n3|4\n", "1 2\n3 4\n",
    " 1  2 \n 3  4 \n", "1,2\r\n3,4\r\n", "\n1,2\n\n3,4\n\n", "\u{FEFF}1,2\n3,4\n",
    "# made by hand\n1,2\n3,4\n", "\"1\",\"2\"\n\"3\",\"4\"\n", "1, 2\n3, 4\n", "1,2,\n3,4,\n",
    "1e0,+2\n3.0,.4e1\n", "1\t 2\r\n3 \t4\r\n",
  ])
  func theSameTableInManyDialects(_ text: String) throws {
    #expect(try matrix(text) == Matrix([[1, 2], [3, 4]]))
  }

  @Test func aHeaderNamesTheColumns() throws {
    let table = try matrix("height,weight\n1.8,70\n1.6,55\n")
    #expect(table?.columnNames == ["height", "weight"])
    #expect(table == Matrix([[1.8, 70], [1.6, 55]]))
    #expect(try matrix("\"a,b\",\"say \"\"hi\"\"\"\n1,2\n")?.columnNames == ["a,b", "say \"hi\""])
  }

  @Test func aHeaderCanBeAskedForOrRefused() throws {
    #expect(
      try matrix("1990,1991\n3,4\n", CSV.Options(hasHeader: true))?.columnNames == ["1990", "1991"])
    #expect(
      try columns("a,b\nc,d\n", CSV.Options(hasHeader: false)) == [
        #"c1: ["a", "c"]"#, #"c2: ["b", "d"]"#,
      ])
  }

  @Test func missingCellsAreNaN() throws {
    let table = try matrix("1,,3\nNA,nan,6\n?,-,9\n", CSV.Options(missing: "-"))
    #expect(table?.elements.map { $0.isNaN ? -1 : $0 } == [1, -1, 3, -1, -1, 6, -1, -1, 9])
  }

  @Test func aTableWithTextIsColumns() throws {
    #expect(
      try columns("name,age,city\nAda,36,\"London, UK\"\nAlan,41,\"Wilmslow\nCheshire\"\n")
        == [
          #"name: ["Ada", "Alan"]"#, #"age: ["36", "41"]"#,
          #"city: ["London, UK", "Wilmslow\nCheshire"]"#,
        ])
  }

  @Test func namesOfColumnsAreMadeUnique() throws {
    #expect(
      try columns("x,x,\na,1,2\nb,3,4\n") == [
        #"x: ["a", "b"]"#, #"x_2: ["1", "3"]"#, #"c3: ["2", "4"]"#,
      ])
  }

  @Test func aColumnOfRowNamesMayHaveNoName() throws {
    #expect(
      try columns("a b\nr1 1 2\nr2 3 4\n") == [
        #"row: ["r1", "r2"]"#, #"a: ["1", "3"]"#, #"b: ["2", "4"]"#,
      ])
  }

  @Test func aQuoteInsideACellIsALetter() throws {
    #expect(
      try columns("size,n\n5\" disk,1\n3\" disk,2\n") == [
        #"size: ["5\" disk", "3\" disk"]"#, #"n: ["1", "2"]"#,
      ])
  }

  @Test func bytesThatAreNotUTF8AreLatin1() throws {
    guard case .columns(let columns) = try CSV.parse(Array("n,x\n1,caf".utf8) + [0xE9, 10]) else {
      Issue.record("no columns")
      return
    }
    guard case .texts(let texts) = columns[1].column else { return }
    #expect(texts == ["café"])
  }

  @Test func raggedRowsAreNamedWithTheirLine() {
    #expect(error("1,2\n3,4\n5,6,7\n") == .ragged(line: 3, found: 3, expected: 2))
    #expect(error("# c\na,b\n\n1,2\n3\n") == .ragged(line: 5, found: 1, expected: 2))
    #expect(error("1 2 3\n4 5\n") == .ragged(line: 2, found: 2, expected: 3))
    #expect(error("n,t\n1,\"a\nb\"\n2\n") == .ragged(line: 4, found: 1, expected: 2))
  }

  @Test func aCellAmongNumbersThatIsNoneIsNamed() {
    #expect(
      error("a,b\n1,2\n3,4\n5,1.2.3\n7,8\n") == .unreadableNumber("1.2.3", line: 4, column: 2))
    #expect(
      error("1,x\n2,y\n", CSV.Options(text: .refused)) == .unreadableNumber("x", line: 1, column: 2)
    )
  }

  @Test func textCanBeAllowed() throws {
    #expect(
      try columns("1,2\n3,4\n5,x\n", CSV.Options(text: .allowed)).last == #"c2: ["2", "4", "x"]"#)
  }

  @Test func whatIsNoTableIsNamed() {
    #expect(error("") == .empty)
    #expect(error("\n \n\n") == .empty)
    #expect(error("# only a comment\n") == .empty)
    #expect(error("\u{0}PNG") == .notText)
    #expect(error("a,b\n1,\"2\n3,4\n") == .openQuote(line: 2))
  }

  /// Numbers against the exact reading of Swift.
  @Test func numbersAreCorrectlyRounded() throws {
    var random = Random(seed: 9)
    var numbers = [
      "0", "-0", "9007199254740993", "1e22", "1e23", "123456789012345678901234567890", "1e-400",
      "1e400",
      "2.2250738585072011e-308", "4.9e-324", "1.7976931348623157e308", "0.1", "8.5e-23",
    ]
    for _ in 0..<2000 { numbers.append("\(Double(bitPattern: random.next()))") }
    for _ in 0..<2000 {
      numbers.append(
        "\(Int64(bitPattern: random.next())).\(random.below(100000))e\(random.below(60) - 30)")
    }
    let finite = numbers.filter { !$0.contains("nan") }
    let table = try matrix(finite.joined(separator: "\n"))
    #expect(table?.elements.map(\.bitPattern) == finite.map { Double($0)?.bitPattern ?? 0 })
  }

  @Test func manyPiecesAreOneTable() throws {
    // Several MiB, so that the rows are read by several threads.
    let rows = 200_000
    var text = "a,b,c\n"
    for row in 0..<rows { text += "\(row),\(Double(row) / 8),\(row % 7)\n" }
    let table = try #require(try matrix(text))
    #expect(table.shape == Shape(rows, 3))
    #expect(table.column(1) == (0..<rows).map { Double($0) / 8 })
    #expect(error(text + "1,2\n") == .ragged(line: rows + 2, found: 2, expected: 3))
    #expect(error(text + "1,x,2\n") == .unreadableNumber("x", line: rows + 2, column: 2))
    let quoted = text.replacingOccurrences(of: ",3\n", with: ",\"3\"\n")
    #expect(try matrix(quoted) == table)
  }

  @Test(arguments: ["a.csv", "a.tsv", "a.csv.gz"])
  func whatIsWrittenIsReadBack(_ name: String) throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 2)
    var table = random.normal(200, 5)
    table[3, 2] = 1e300
    table[4, 2] = -7
    table[5, 1] = .infinity
    table.columnNames = ["plain", "with, comma", "with \"quotes\"", "with\nline", " with space"]
    try CSV.write(table, to: folder.path(name))
    guard case .matrix(let read) = try CSV.read(folder.path(name)) else {
      Issue.record("no matrix")
      return
    }
    #expect(read.isIdentical(to: table))
    #expect(read.columnNames == table.columnNames)
  }

  /// `python -c "import numpy; numpy.savetxt('/dev/stdout', [[0.1, -2e-5], [1/3, 1e10]])"`
  @Test func readsWhatNumPySaves() throws {
    let text = """
      1.000000000000000056e-01 -2.000000000000000164e-05
      3.333333333333333148e-01 1.000000000000000000e+10

      """
    #expect(try matrix(text) == Matrix([[0.1, -2e-5], [1.0 / 3, 1e10]]))
  }

  @Test func columnsAreWrittenBelowTheirNames() throws {
    let folder = try TemporaryFolder()
    try CSV.write(
      [("name", .texts(["Ada", "say \"hi\", you"])), ("n", .numbers(Matrix(column: [0.1, 2])))],
      to: folder.path("a.csv"))
    #expect(
      String(decoding: try folder.bytes("a.csv"), as: UTF8.self)
        == "name,n\nAda,0.1\n\"say \"\"hi\"\", you\",2\n")
  }

  @Test func noBytesTrap() throws {
    var random = Random(seed: 77)
    let letters = Array("0123456789.,;\t|\"\n\r -+eENnaif#xé".utf8)
    for _ in 0..<5000 {
      let text = (0..<random.below(60)).map { _ in letters[random.below(letters.count)] }
      _ = try? CSV.parse(text)
      _ = try? CSV.parse(text, CSV.Options(hasHeader: true, text: .allowed))
    }
  }
}

/// What the operating system refuses, and what becomes of a file whose writing fails.
@Suite struct FilesRefusalTests {
  @Test func whatCannotBeOpenedIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("none.csv")
    let inside = folder.path
    #expect(throws: FileError.missing) { _ = try CSV.read(path) }
    #expect(throws: FileError.isDirectory) { _ = try NPY.read(inside) }
    #expect(throws: FileError.isDirectory) { try NPY.write(.ones(1, 1), to: inside) }
    #expect(throws: FileError.missing) { try NPY.write(.ones(1, 1), to: path + "/x/y.npy") }
  }

  @Test(.enabled(if: getuid() != 0, "root may do everything"))
  func permissionsAreRespected() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.csv", Array("1,2\n".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    #expect(throws: FileError.noPermission) { _ = try CSV.read(path) }
    #expect(throws: FileError.noPermission) { try CSV.write(.ones(1, 1), to: path) }
  }

  @Test func aFullDiskIsNamed() {
    #expect(throws: FileError.diskFull) { try NPY.write(.ones(1000, 100), to: "/dev/full") }
    #expect(throws: FileError.diskFull) { try CSV.write(.ones(3, 3), to: "/dev/full") }
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.csv", Array("1,2\n".utf8))
    #expect(throws: FileError.empty) {
      try FileWriter.write(to: path) { file in
        try file.write(String(repeating: "half of it ", count: 100_000))
        throw FileError.empty
      }
    }
    #expect(String(decoding: try folder.bytes("a.csv"), as: UTF8.self) == "1,2\n")
    #expect(folder.names == ["a.csv"])
  }

  @Test func aLinkStaysALink() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.csv", Array("1,2\n".utf8))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link.csv"), withDestinationPath: path)
    try CSV.write(Matrix([[5, 6]]), to: folder.path("link.csv"))
    #expect(String(decoding: try folder.bytes("a.csv"), as: UTF8.self) == "5,6\n")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link.csv")) == path)
  }

  @Test func formatsAreKnownByTheirNames() {
    #expect(FileFormat(path: "a/b.CSV.gz") == .csv)
    #expect(FileFormat(path: "t10k-images-idx3-ubyte.gz") == .idx)
    #expect(FileFormat(path: "x.npy") == .npy)
    #expect(FileFormat(path: "a.b/plain") == nil)
  }
}
