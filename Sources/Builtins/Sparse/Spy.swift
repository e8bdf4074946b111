import Matrices
import Vocabulary

extension StandardLibrary {
  static let spy = Builtin(
    "spy", in: .look, "Where a matrix is not 0: a dot a place, or a part of the matrix.",
    Parameter<AnyMatrix>("x", "the matrix, sparse or not"),
    .height, shapes: "m×n → value", seeAlso: ["sparse", "nnz", "heatmap"],
    examples: [
      Example(
        "spy(sparse(eye(8)))",
        prints: """
          ⠑⢄⠀⠀
          ⠀⠀⠑⢄
          8×8, 8 not 0 (12.5 %)
          """)
    ],
    using: { context, x, height -> Value in
      let matrix = x.stored
      guard !matrix.shape.isEmpty else {
        throw Problem(.shape, "an empty matrix has nothing to draw", at: "x", label: x.label)
      }
      let size = PictureSize(context, height: height, tallest: 20)
      let unicode = context.drawing.unicode
      let (across, down) = unicode ? (2, 4) : (1, 1)
      // Both directions at one scale, as far as letters allow.
      let scale = max(
        1, Double(matrix.columns) / Double(across * size.width),
        Double(matrix.rows) / Double(down * max(size.height - 1, 1)))
      let grid = Shape(
        max(1, Int((Double(matrix.rows) / scale).rounded(.down))),
        max(1, Int((Double(matrix.columns) / scale).rounded(.down))))
      let counts = matrix.tileCounts(grid)
      let lines = unicode ? dots(counts) : signs(counts)
      let percent = NumberFormat.short(100 * matrix.density, digits: 3)
      context.output(
        (lines + ["\(matrix.shape), \(matrix.count) not 0 (\(percent) %)"]).joined(separator: "\n")
          + "\n")
      return .nothing
    })

  /// Eight places a letter: the Braille patterns.
  private static func dots(_ counts: Matrix) -> [String] {
    let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    return stride(from: 0, to: counts.rows, by: 4).map { top in
      var line = ""
      for left in stride(from: 0, to: counts.columns, by: 2) {
        var letter: UInt32 = 0x2800
        for row in top..<min(top + 4, counts.rows) {
          for column in left..<min(left + 2, counts.columns) where counts[row, column] > 0 {
            letter |= bits[row - top][column - left]
          }
        }
        if let scalar = Unicode.Scalar(letter) { line.unicodeScalars.append(scalar) }
      }
      return line
    }
  }

  private static func signs(_ counts: Matrix) -> [String] {
    (0..<counts.rows).map { row in
      String((0..<counts.columns).map { counts[row, $0] > 0 ? "#" : "." })
    }
  }
}
