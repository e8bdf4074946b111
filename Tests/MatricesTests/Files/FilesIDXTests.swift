import Foundation
import Matrices
import Testing

/// The format of the MNIST family, plain and compressed.
@Suite struct FilesIDXTests {
  /// Two images of 2×3 pixels.
  static let images: [UInt8] =
    [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + [
      0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255,
    ]

  /// `python3 -c "import gzip; print(gzip.compress(images, mtime=0))"`
  static let compressed: [UInt8] = Array(
    Data(
      base64Encoded: "H4sIAAAAAAACA2Ng4GBmYGBggmJmBkYmZhbWX7///P33HwAGMn4aHAAAAA==") ?? Data())

  @Test func imagesAreSamplesTimesPixels() throws {
    let folder = try TemporaryFolder()
    let matrix = try IDX.read(try folder.file("images-idx3-ubyte", Self.images))
    #expect(matrix.shape == Shape(2, 6) && matrix.precision == .single)
    #expect(matrix.row(1) == [250, 251, 252, 253, 254, 255])
  }

  @Test func labelsAreAColumn() throws {
    let folder = try TemporaryFolder()
    let matrix = try IDX.read(try folder.file("l", [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]))
    #expect(matrix == Matrix(column: [7, 0, 9]))
  }

  @Test(
    arguments: [
      (0x08, [255], 255), (0x09, [0xFF], -1), (0x0B, [0xFF, 0xFE], -2),
      (0x0C, [0x80, 0, 0, 0], -2_147_483_648),
      (0x0D, [0x3F, 0xC0, 0, 0], 1.5), (0x0E, [0xC0, 0x04, 0, 0, 0, 0, 0, 0], -2.5),
    ] as [(UInt8, [UInt8], Double)])
  func everyElementType(_ kind: UInt8, _ bytes: [UInt8], _ expected: Double) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("x", [0, 0, kind, 1, 0, 0, 0, 1] + bytes)
    #expect(try IDX.read(path) == Matrix(expected))
  }

  @Test func gzipIsTransparentWhateverTheName() throws {
    let folder = try TemporaryFolder()
    #expect(
      try IDX.read(try folder.file("a", Self.compressed))
        == IDX.read(try folder.file("b", Self.images)))
  }

  @Test func membersOfAGzipFileFollowOneAnother() throws {
    let folder = try TemporaryFolder()
    let text =
      Data(base64Encoded: "H4sIAAAAAAACAzPUMeICADNCIVUEAAAAH4sIAAAAAAACAzPWMeECAD4tcqkEAAAAAAA=")
      ?? Data()
    guard case .matrix(let matrix) = try CSV.read(try folder.file("a.csv.gz", text)) else {
      Issue.record("no matrix")
      return
    }
    #expect(matrix == Matrix([[1, 2], [3, 4]]))
  }

  @Test func damageIsNamed() throws {
    let folder = try TemporaryFolder()
    let images = Self.images
    func error(_ bytes: [UInt8]) throws -> FileError? {
      let path = try folder.file("x", bytes)
      return #expect(throws: FileError.self) { try IDX.read(path) }
    }
    #expect(try error(images.dropLast()) == .truncated(expected: 28, found: 27))
    #expect(try error(images + [0]) == .excess(expected: 28))
    #expect(try error([1] + images) == .notOfFormat(.idx))
    #expect(try error([0, 0, 7, 1, 0, 0, 0, 0]) == .unsupported(.idx, "numbers of kind 7"))
    #expect(try error([0, 0, 8, 0]) == .badHeader(.idx, "0 dimensions"))
    #expect(try error([]) == .truncated(expected: 4, found: 0))
    let huge: [UInt8] = [0, 0, 14, 3] + [UInt8](repeating: 0xFF, count: 12)
    #expect(try error(huge) == .badHeader(.idx, "more elements than can be counted"))
    #expect(try error(Self.compressed.dropLast()) == .compressedTruncated)
    var flipped = Self.compressed
    flipped[flipped.count - 8] ^= 1
    #expect(try error(flipped) == .compressedDamaged)
  }

  @Test func everyTruncationOfACompressedFileIsAnError() throws {
    let folder = try TemporaryFolder()
    for length in 0..<Self.compressed.count {
      let path = try folder.file("x.gz", Self.compressed.prefix(length))
      #expect(throws: FileError.self) { try IDX.read(path) }
    }
  }

  @Test(arguments: [FilesIDXTests.images, FilesIDXTests.compressed])
  func bitFlipsNeverTrap(_ original: [UInt8]) throws {
    let folder = try TemporaryFolder()
    var random = Random(seed: 3)
    for _ in 0..<2000 {
      var bytes = original
      for _ in 0...random.below(3) {
        bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
      }
      _ = try? IDX.read(try folder.file("x", bytes))
    }
  }
}
