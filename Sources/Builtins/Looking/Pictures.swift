import Figures
import Matrices
import Vocabulary

/// How large a picture is: what the user asks for, and else what leaves the last lines in sight.
struct PictureSize {
  let width: Int
  let height: Int

  init(_ context: Context, height: Int?, tallest: Int = 16) {
    width = max(context.width, 1)
    self.height = height ?? max(min(tallest, context.height - 2), 3)
  }
}

extension Parameter where T == Int? {
  /// The height of a picture.
  static var height: Parameter<Int?> {
    Parameter("height", "the lines the picture may take", in: .between(3, 200))
  }
}

extension Parameter where T == String {
  /// The line above a picture.
  static var title: Parameter<String> { Parameter("title", "a line above", default: "") }
}

extension StandardLibrary {
  /// Builtins that draw with letters.
  static let pictures: [Builtin] = curves + bars + images

  private static let images: [Builtin] = [
    Builtin(
      "heatmap", in: .look, "The numbers of a matrix as colours, with a scale below.",
      Parameter<Matrix>("x", "the matrix; a large one is averaged"),
      .title, .height, shapes: "m×n → value", seeAlso: ["image", "images", "plot"],
      examples: [
        Example(
          "heatmap([3, 2; 1, 0], height=3)",
          prints: """
            ██▓▓
            ░░
            0      ░░░░░▒▒▒▒▓▓▓▓▓█████ 3
            """)
      ],
      using: { context, x, title, height -> Value in
        let size = PictureSize(context, height: height, tallest: 20)
        try draw(
          Picture.heatmap(
            try drawable(x), title: title, width: size.width, height: size.height,
            drawing: context.drawing), context)
        return .nothing
      }),
    Builtin(
      "image", in: .look, "A matrix as a picture whose sides are in proportion.",
      Parameter<Matrix>("x", "the pixels, or one row or column of them, row after row"),
      Parameter<Int?>(
        "rows", "the height in pixels, where x is a row that is no square", in: .atLeast(1)),
      .title, .height, shapes: "m×n → value", seeAlso: ["images", "heatmap"],
      examples: [
        Example(
          "image([1, 0; 0, 1], height=3)",
          prints: """
            ██
              ██
            0      ░░░░░▒▒▒▒▓▓▓▓▓█████ 1
            """)
      ],
      using: { context, x, rows, title, height -> Value in
        let x = try drawable(x)
        let size = PictureSize(context, height: height, tallest: 20)
        let isVector = x.shape.isVector && x.count > 1
        let shape = isVector || rows != nil ? try tile(x.count, rows, x) : x.shape
        try draw(
          Picture.image(
            x.reshaped(shape.rows, shape.columns), title: title, width: size.width,
            height: size.height, drawing: context.drawing), context)
        return .nothing
      }),
    Builtin(
      "images", in: .look, "Many pictures side by side: every row of the matrix is one.",
      Parameter<Matrix>("X", "one picture a row, its pixels row after row"),
      Parameter<Int?>(
        "rows", "the height of a picture in pixels, where it is no square", in: .atLeast(1)),
      .title, .height, shapes: "m×n → value", seeAlso: ["image", "data"],
      examples: [
        Example(
          "images([1, 0, 0, 1; 1, 1, 0, 0], height=3)",
          prints: """
            ██   ████
              ██
            """)
      ],
      using: { context, x, rows, title, height -> Value in
        let x = try drawable(x, "X")
        let size = PictureSize(context, height: height, tallest: 20)
        try draw(
          Picture.tiles(
            x, tileShape: try tile(x.columns, rows, x, "X"), title: title, width: size.width,
            height: size.height, drawing: context.drawing), context)
        return .nothing
      }),
  ]

  private static let bars: [Builtin] = [
    Builtin(
      "bar", in: .look, "Numbers as bars with names.",
      Parameter<Value>("x", "a vector of numbers, or a record of them"),
      Parameter<Value?>(positional: "names", "a list of as many names"),
      .title, .height, shapes: "value → value", seeAlso: ["hist", "plot"],
      examples: [
        Example(
          "bar({a = 1, b = 2})",
          prints: """
            a │█████████████████████████████████████▌ 1
            b │███████████████████████████████████████████████████████████████████████████ 2
            """)
      ],
      using: { context, x, names, title, height -> Value in
        let (labels, values) = try bars(x, names)
        let size = PictureSize(context, height: height, tallest: 20)
        try draw(
          Picture.bars(
            labels: labels, values: values, title: title, width: size.width, height: size.height,
            drawing: context.drawing), context)
        return .nothing
      }),
    Builtin(
      "hist", in: .look, "How many of the numbers lie where.",
      Parameter<Matrix>("x", "the numbers"),
      Parameter<Int>("bins", "how many ranges of equal width", default: 12, in: .between(1, 100)),
      .title, .height, shapes: "m×n → value", seeAlso: ["bar", "quantile"],
      examples: [
        Example(
          "hist([1, 1, 2, 5], bins=2)",
          prints: """
            0 │███████████████████████████████████████████████████████████████████████████ 3
            5 │█████████████████████████ 1
            """)
      ],
      using: { context, x, bins, title, height -> Value in
        let size = PictureSize(context, height: height, tallest: 20)
        let (drawing, x) = (context.drawing, try drawable(x))
        try draw(context, x.count) {
          Picture.histogram(
            x.elements, bins: bins, title: title, width: size.width, height: size.height,
            drawing: drawing)
        }
        return .nothing
      }),
  ]

  /// Draws a picture of so many numbers; one of millions takes a thread of its own, so that whoever
  /// stops it does not wait for it.
  static func draw(
    _ context: Context, _ numbers: Int, _ picture: @escaping @Sendable () throws -> String
  ) throws {
    if numbers < 1 << 20 { return try draw(picture(), context) }
    guard let drawn = LongCall.run({ Result(catching: picture) }) else { throw Interrupted() }
    try draw(drawn.get(), context)
  }

  /// How many numbers a value has to draw, about.
  static func numbers(in value: Value) -> Int {
    switch value {
    case .record(let record): record.values.reduce(0) { $0 + numbers(in: $1) }
    case .list(let list): list.count
    default: value.shape?.count ?? 1
    }
  }

  static func draw(_ picture: String, _ context: Context) throws {
    try Interrupt.check()
    context.output(picture + "\n")
  }

  /// A matrix with something to see.
  static func drawable(_ x: Matrix, _ name: String = "x") throws -> Matrix {
    guard !x.isEmpty else {
      throw Problem(.shape, "an empty matrix has nothing to draw", at: name, label: x.label)
    }
    return x
  }

  /// The sides of a picture of so many pixels: those asked for, else a square.
  private static func tile(_ count: Int, _ rows: Int?, _ x: Matrix, _ name: String = "x") throws
    -> Shape
  {
    if let rows {
      guard count % rows == 0 else {
        throw Problem(
          .shape, "\(count) pixels need a number of rows that divides them", at: "rows",
          label: "the number \(rows)")
      }
      return Shape(rows, count / rows)
    }
    let side = Int(Double(count).squareRoot().rounded())
    guard side * side == count else {
      throw Problem(
        .shape, "\(count) pixels are no square, and 'rows' is needed", at: name, label: x.label,
        help: nearestDivisor(of: count, to: side).map { "rows=\($0) fits" })
    }
    return Shape(side, side)
  }

  private static func nearestDivisor(of count: Int, to side: Int) -> Int? {
    stride(from: side, to: 1, by: -1).first { count % $0 == 0 }
  }

  private static let mostBars = 1000

  private static func bars(_ x: Value, _ names: Value?) throws -> ([String], [Double]) {
    if case .record(let record) = x, names == nil {
      return (
        record.keys,
        try zip(record.keys, record.values).map { key, value in
          guard let number = Double.from(value) else {
            throw Problem(.type, "the field '\(key)' needs a number", at: "x", label: value.label)
          }
          return number
        }
      )
    }
    guard let (_, all) = try columns(x, "x").first, try columns(x, "x").count == 1 else {
      throw Problem(.shape, "'x' needs a vector", at: "x", label: x.label)
    }
    // No terminal has more lines than this.
    let values = names == nil ? Array(all.prefix(mostBars)) : all
    let labels =
      try names.map { try Sequences.elements(of: $0, "names").map(\.printed) }
      ?? (1...values.count).map(String.init)
    guard labels.count == values.count else {
      throw Problem(
        .shape, "\(values.count) bars need as many names", at: "names",
        label: names?.label ?? "")
    }
    return (labels, values)
  }
}
