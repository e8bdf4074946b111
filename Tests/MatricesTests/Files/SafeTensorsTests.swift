import Matrices
import Testing

/// Arrays under names, against files that the Python package wrote.
@Suite struct SafeTensorsTests {
  private func read(_ bytes: [UInt8]) throws -> SafeTensors {
    let folder = try TemporaryFolder()
    return try SafeTensors.read(try folder.file("a.safetensors", bytes))
  }

  private func matrix(_ file: SafeTensors, _ name: String) throws -> Matrix {
    try #require(file.tensors.first { $0.name == name }?.matrix)
  }

  @Test(arguments: ["f64", "f32", "f16", "bf16", "i64", "i32", "i16", "i8", "u8", "bool"])
  func readsEveryKindOfNumberThatPythonWrote(_ kind: String) throws {
    let found = try matrix(try read(SafeTensorsFixture.kinds), kind)
    let numbers: [Double] =
      switch kind {
      case "bool": [1, 1, 0, 1, 1, 1]
      case "u8": [1, 2, 0, 96, 0, 7]
      default: kind.contains("f") ? [1.5, -2, 0, 96, 0.375, 7] : [1, -2, 0, 96, 0, 7]
      }
    #expect(found.shape == Shape(2, 3) && found.elements == numbers)
    #expect(found.isLogical == (kind == "bool"))
    let isNarrow = ["f32", "f16", "bf16", "i16", "i8", "u8"].contains(kind)
    #expect(found.precision == (isNarrow ? .single : .double))
  }

  @Test func anyNumberOfDimensionsBecomesTwo() throws {
    let file = try read(SafeTensorsFixture.shapes)
    #expect(try matrix(file, "scalar") == Matrix(2.5))
    #expect(try matrix(file, "vector") == Matrix(column: [1, 2, 3]))
    #expect(try matrix(file, "images") == Matrix(2, 6, (0..<12).map(Double.init)))
    #expect(try matrix(file, "empty").shape == Shape(0, 4))
    #expect(try matrix(file, "layers.0.weight") == .identity(2))
    #expect(file.metadata.first { $0.name == "note" }?.text == "quotes \" and \\ and µ")
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 1)
    let truth = Matrix.combine(.less, random.normal(2, 2), 0)
    let tensors: [(name: String, matrix: Matrix)] = [
      ("truth", truth), ("wide", random.normal(3, 5).transposed),
      ("narrow", random.normal(4, 7).converted(to: .single)), ("none", .zeros(0, 3)),
      ("not a number", Matrix([[.nan, .infinity]])),
    ]
    for name in ["a.safetensors", "a.safetensors.gz"] {
      try SafeTensors(tensors: tensors, metadata: [("a", "\u{1}\"ü\n")])
        .write(to: folder.path(name))
      let back = try SafeTensors.read(folder.path(name))
      #expect(back.metadata.map(\.text) == ["\u{1}\"ü\n"])
      for (name, matrix) in tensors {
        let found = try self.matrix(back, name)
        #expect(found.isIdentical(to: matrix) && found.isLogical == matrix.isLogical, "\(name)")
      }
    }
  }

  /// `python -c "import numpy, safetensors.numpy as s; print(s.save({'a': numpy.eye(2)}))"`, but for
  /// spaces, which mean nothing.
  @Test func theBytesAreThoseOfTheFormat() throws {
    let folder = try TemporaryFolder()
    try SafeTensors(tensors: [("a", .identity(2))]).write(to: folder.path("a.safetensors"))
    let bytes = try folder.bytes("a.safetensors")
    let header = #"{"a":{"dtype":"F64","shape":[2,2],"data_offsets":[0,32]}}"#
    #expect(bytes.prefix(8) == [64, 0, 0, 0, 0, 0, 0, 0])
    #expect(String(decoding: bytes[8..<72], as: UTF8.self).hasPrefix(header))
    #expect(bytes.count == 72 + 32)
  }

  // MARK: Damage

  private func file(_ header: String, _ data: Int) -> [UInt8] {
    let count = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private func entry(_ name: String, _ kind: String, _ shape: String, _ from: Int, _ to: Int)
    -> String
  {
    #""\#(name)":{"dtype":"\#(kind)","shape":[\#(shape)],"data_offsets":[\#(from),\#(to)]}"#
  }

  @Test func damagedHeadersAreNamed() throws {
    let good = entry("a", "F32", "2", 0, 8)
    let cases: [(String, Int, String)] = [
      ("{\(good)", 8, "no '}' at byte"), ("[]", 0, "no names"), ("{\"a\":3}", 0, "place of 'a'"),
      ("{\(good),\(entry("b", "F32", "2", 4, 12))}", 12, "belong to two arrays before 'b'"),
      ("{\(good),\(entry("b", "F32", "1", 12, 16))}", 16, "a gap before 'b'"),
      ("{\(good),\(good)}", 8, "a name twice"),
      ("{\(entry("a", "F32", "3", 0, 8))}", 8, "does not fit its shape"),
      ("{\(entry("a", "F32", "-2", 0, 8))}", 8, "place of 'a'"),
      ("{\(entry("a", "F32", "4294967296,4294967296", 0, 8))}", 8, "does not fit its shape"),
      ("{\(entry("a", "F32", "2", 8, 0))}", 8, "place of 'a'"),
      ("{\"__metadata__\":{\"n\":1},\(good)}", 8, "metadata 'n' that is no text"),
      ("{\"a\":\"\\ud800\"}", 0, "half a letter"),
      (String(repeating: "[", count: 9999), 0, "too many brackets"),
    ]
    for (header, data, reason) in cases {
      let error = #expect(throws: FileError.self) { try read(file(header, data)) }
      guard case .badHeader(.safetensors, let found)? = error else {
        Issue.record("\(header): \(String(describing: error))")
        continue
      }
      #expect(found.contains(reason), "\(found)")
    }
  }

  @Test func otherDamageIsNamed() throws {
    let good = file("{\(entry("a", "F32", "2", 0, 8))}", 8)
    func error(_ bytes: [UInt8]) -> FileError? {
      #expect(throws: FileError.self) { try read(bytes) }
    }
    #expect(error([]) == .notOfFormat(.safetensors))
    #expect(error([1, 2, 3]) == .notOfFormat(.safetensors))
    #expect(error([UInt8](repeating: 255, count: 20)) == .notOfFormat(.safetensors))
    #expect(error([0, 0, 0, 1, 0, 0, 0, 0, 0x7B]) == .truncated(expected: 16_777_224, found: 9))
    #expect(
      error(Array(good.dropLast(3))) == .truncated(expected: good.count, found: good.count - 3))
    #expect(error(good + [0]) == .excess(expected: good.count))
    #expect(
      error(file("{\(entry("a", "F8_E4M3", "2", 0, 2))}", 2))
        == .unsupported(.safetensors, "numbers of type 'F8_E4M3' in 'a'"))
    #expect(
      error(file("{\(entry("a", "F32", "1000000000", 0, 4_000_000_000))}", 8)).map {
        if case .truncated = $0 { true } else { false }
      } == true)
  }

  /// No single wrong byte ends the process.
  @Test func anyByteMayBeWrong() throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 4)
    let bytes = SafeTensorsFixture.shapes
    for place in bytes.indices.prefix(500) {
      var wrong = bytes
      wrong[place] = UInt8(truncatingIfNeeded: random.next())
      _ = try? SafeTensors.read(try folder.file("a.safetensors", wrong))
    }
  }

  @Test func jsonKeepsWhatItWrites() throws {
    let value = JSON.object([
      JSON.Field("a", .list([.null, .boolean(true), .number(-0.5), .number(1e300), .number(3)])),
      JSON.Field("ü\"\\\n", .text("\u{7F}\u{1F600}")), JSON.Field("", .object([])),
      JSON.Field("0", .number(-0.0)),
    ])
    #expect(try JSON.parse(Array(value.text.utf8)) == value)
    #expect(
      try JSON.parse(Array(#" [ "\u00fc\ud83d\ude00" , 1.5e3 ] "#.utf8))
        == .list([.text("ü😀"), .number(1500)]))
    for wrong in ["", "[1,]", "{\"a\" 1}", "nul", "1 2", "\"", "\"\\x\"", "--1", "[", "{\"a\":}"] {
      #expect(throws: JSON.Damage.self) { try JSON.parse(Array(wrong.utf8)) }
    }
  }
}
