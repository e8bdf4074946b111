import Matrices
import Testing

/// NumPy's format, against files that NumPy wrote.
@Suite struct FilesNPYTests {
  @Test(arguments: NPYFixture.all)
  func readsWhatNumPyWrote(_ fixture: NPYFixture) throws {
    let folder = try TemporaryFolder()
    let matrix = try NPY.read(try folder.file("a.npy", fixture.bytes))
    #expect(matrix.shape == Shape(fixture.rows, fixture.columns), "\(fixture.python)")
    #expect(matrix.elements == fixture.elements, "\(fixture.python)")
  }

  @Test(arguments: NPYFixture.unsupported)
  func namesWhatMatricesCannotHold(_ fixture: NPYFixture) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("a.npy", fixture.bytes)
    let error = #expect(throws: FileError.self) { try NPY.read(path) }
    guard case .unsupported(.npy, _)? = error else {
      Issue.record("\(fixture.python): \(String(describing: error))")
      return
    }
  }

  /// `python -c "import numpy, sys; numpy.save(sys.stdout.buffer, numpy.array([[1.5, 2], [3, 4]]))"`
  @Test func writesTheBytesThatNumPyWrites() throws {
    let folder = try TemporaryFolder()
    try NPY.write(Matrix([[1.5, 2], [3, 4]]), to: folder.path("a.npy"))
    let bytes = try folder.bytes("a.npy")
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"
    #expect(bytes.count == 128 + 32)
    #expect(Array(bytes.prefix(10)) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
    #expect(String(decoding: bytes[10..<10 + header.utf8.count], as: UTF8.self) == header)
    #expect(bytes[127] == 10)
    #expect(Array(bytes[128..<136]) == [0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
  }

  @Test(arguments: ["a.npy", "a.npy.gz"])
  func whatIsWrittenIsReadBack(_ name: String) throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 5)
    let double = random.normal(300, 70)
    for matrix in [double, double.converted(to: .single), double.transposed, .zeros(0, 4)] {
      try NPY.write(matrix, to: folder.path(name))
      #expect(try NPY.read(folder.path(name)).isIdentical(to: matrix))
    }
    let truth = Matrix.combine(.greater, double, 0)
    try NPY.write(truth, to: folder.path(name))
    let read = try NPY.read(folder.path(name))
    #expect(read.isLogical && read == truth)
    #expect(folder.names == [name])
  }

  @Test func everyTruncationIsAnErrorAndNeverATrap() throws {
    let folder = try TemporaryFolder()
    for fixture in NPYFixture.all where !fixture.elements.isEmpty {
      for length in 0..<fixture.bytes.count {
        let path = try folder.file("a.npy", fixture.bytes.prefix(length))
        #expect(throws: FileError.self) { try NPY.read(path) }
      }
    }
  }

  @Test(arguments: [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 2), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, 1), }",
    "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2, 2), }",
    "{'descr': '<f8', 'fortran_order': False}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2",
    "{'descr", "", "[1]", "{'descr': <f8}", "{'colour': 'red'}",
  ])
  func damagedHeadersAreNamed(_ header: String) throws {
    let folder = try TemporaryFolder()
    let bytes =
      Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + [
        1, 0, UInt8(header.utf8.count), 0,
      ]
    let path = try folder.file("a.npy", bytes + header.utf8 + [UInt8](repeating: 1, count: 32))
    #expect(throws: FileError.self) { try NPY.read(path) }
  }

  @Test func bitFlipsNeverTrap() throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 11)
    for fixture in NPYFixture.all {
      for _ in 0..<100 {
        var bytes = fixture.bytes
        for _ in 0..<3 { bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8)) }
        _ = try? NPY.read(try folder.file("a.npy", bytes))
      }
    }
  }
}
