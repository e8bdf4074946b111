import Builtins
import Foundation
import Matrices
import Testing
import Vocabulary

/// read, write and data, as a user calls them.
@Suite struct DataTests {
  let caller = Caller()

  @Test func aTableOfNumbersIsAMatrixWithNames() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.csv", "x,y\n1,2\n3,4\n")
    let matrix = try #require(Matrix.from(try caller.call("read", .text(path))))
    #expect(matrix == Matrix([[1, 2], [3, 4]]) && matrix.columnNames == ["x", "y"])
  }

  @Test func aTableWithTextIsARecord() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("people.txt", "name\tage\nAda\t36\nAlan\t41\n")
    let record = try #require(Record.from(try caller.call("read", .text(path))))
    #expect(record.keys == ["name", "age"])
    #expect(Matrix.from(record["age"] ?? .nothing) == Matrix(column: [36, 41]))
  }

  @Test func relativePathsStartAtTheProgram() throws {
    let folder = try TemporaryFolder()
    try folder.file("a.csv", "1\n2\n")
    let caller = Caller(directory: folder.path)
    #expect(Matrix.from(try caller.call("read", .text("a.csv"))) == Matrix(column: [1, 2]))
  }

  @Test func optionsReachTheReader() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.dat", "1990/1991\n3/x\n")
    let read = try caller.call(
      "read", .text(path),
      named: ["header": .boolean(true), "delimiter": .text("/"), "missing": .text("x")])
    let matrix = try #require(Matrix.from(read))
    #expect(matrix.columnNames == ["1990", "1991"] && matrix[0, 1].isNaN)
  }

  @Test func mistypedFilesHaveAWayOut() throws {
    let folder = try TemporaryFolder()
    try folder.file("faces.csv", "1\n")
    let problem = caller.problem("read", .text("\(folder.path)/face.csv"))
    #expect(problem?.kind == .file)
    #expect(problem?.help == "did you mean \"\(folder.path)/faces.csv\"?")
    #expect(
      caller.problem("read", .text(folder.path))?.help == "it holds \"\(folder.path)/faces.csv\"")
    #expect(
      caller.problem("read", .text("/nowhere/x.csv"))?.message
        == "there is no folder \"/nowhere\" for \"/nowhere/x.csv\"")
  }

  @Test func damagedFilesSayWhere() throws {
    let folder = try TemporaryFolder()
    let ragged = try folder.file("ragged.csv", "1,2\n3\n")
    #expect(
      caller.problem("read", .text(ragged))?.message
        == "line 2 of \"\(ragged)\" has 1 cell, the first row has 2")
    let text = try folder.file("text.csv", "1,2\n3,oops\n5,6\n")
    #expect(
      caller.problem("read", .text(text))?.message
        == "line 2, column 2 of \"\(text)\" is \"oops\", and a number is needed")
    #expect(
      caller.problem("read", .text(try folder.file("a.npy", "no")))?.message.contains(
        "not complete")
        == true)
  }

  @Test(arguments: ["a.csv", "a.tsv", "a.npy", "a.csv.gz", "a.npy.gz", "a.txt"])
  func whatIsWrittenIsReadBack(_ name: String) throws {
    let folder = try TemporaryFolder()
    let path = Value.text("\(folder.path)/\(name)")
    let matrix = Matrix([[1.5, -2], [1e-30, 4]])
    try caller.call("write", .matrix(matrix), path)
    #expect(Matrix.from(try caller.call("read", path)) == matrix)
  }

  @Test func columnsAreWrittenAndReadBack() throws {
    let folder = try TemporaryFolder()
    let path = Value.text("\(folder.path)/a.csv")
    let record = Record([
      ("name", .list([.text("Ada"), .text("Alan")])), ("age", .matrix(Matrix(column: [36, 41]))),
      ("place", .range(NumberRange(from: 1, to: 2))),
    ])
    try caller.call("write", .record(record), path)
    #expect(
      try caller.call("read", path).inline(width: 200)
        == #"{name = {"Ada", "Alan"}, age = [36; 41], place = [1; 2]}"#)
  }

  @Test func whatCannotBeWrittenIsRefused() throws {
    let matrix = Value.matrix(.ones(2, 2))
    #expect(
      caller.problem("write", .text("a.csv"), matrix)?.help
        == "the file comes second: write(x, \"f.csv\")")
    #expect(caller.problem("write", matrix, .text("a.xlsx"))?.kind == .file)
    #expect(
      caller.problem("write", matrix, .text("/dev/full"))?.message.contains("no space left") == true
    )
    #expect(caller.problem("write", matrix, .text("/nowhere/a.csv"))?.kind == .file)
    #expect(caller.problem("write", .list([matrix]), .text("a.csv"))?.kind == .type)
    let uneven = Record([("a", .number(1)), ("b", matrix)])
    #expect(caller.problem("write", .record(uneven), .text("a.csv"))?.kind == .type)
    #expect(caller.problem("read", .text(""))?.kind == .file)
    #expect(caller.problem("read", .text("a\u{0}b"))?.kind == .file)
  }

  @Test func theDigitsAreThere() throws {
    let digits = try #require(Record.from(try caller.call("data", .text("digits"))))
    let x = try #require(digits["X"].flatMap(Matrix.from))
    let y = try #require(digits["y"].flatMap(Matrix.from))
    #expect(x.shape == Shape(1797, 64) && x.precision == .single && y.shape == Shape(1797, 1))
    #expect(x.statistics.minimum == 0 && x.statistics.maximum == 1)
    // The counts of the ten classes, as scikit-learn documents them.
    let counts = (0..<10).map { digit in y.elements.count { $0 == Double(digit) } }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    #expect(x.row(0).prefix(4).map { $0 * 16 } == [0, 0, 5, 13])
  }

  @Test func theMNISTTestSetIsThere() throws {
    let digits = try #require(Record.from(try caller.call("data", .text("mnist"))))
    let x = try #require(digits["X"].flatMap(Matrix.from))
    let y = try #require(digits["y"].flatMap(Matrix.from))
    #expect(x.shape == Shape(10000, 784) && x.statistics.maximum == 1)
    #expect(y.elements.prefix(5) == [7, 2, 1, 0, 4])
    // The mean pixel of the test images, 33.79 of 255.
    #expect(abs((x.statistics.mean ?? 0) * 255 - 33.791) < 0.001)
  }

  @Test func anUnknownDataSetIsRefusedWithTheKnownOnes() {
    let problem = caller.problem("data", .text("mnits"))
    #expect(problem?.help == "did you mean \"mnist\"?")
    #expect(problem?.message.contains("\"digits\", \"mnist\"") == true)
  }

  @Test func aTableOfRatingsIsPartedAlone() throws {
    let table = try caller.call("ratings", .matrix(Matrix([[1, 1, 5], [1, 2, 3], [2, 1, 4]])))
    let problem = caller.problem("split", table, .number(0.5))
    #expect(problem?.arguments.first?.parameter == "y")
  }

  @Test func aPlaceBeyondAllMatricesIsNoFraction() {
    let problem = caller.problem(
      "sparse", .matrix(Matrix(column: [1, 1e12])), .matrix(Matrix(column: [1, 1])),
      .matrix(Matrix(column: [3, 4])))
    #expect(problem?.message == "a matrix has at most \(Matrix.largestDimension) rows")
  }
}
