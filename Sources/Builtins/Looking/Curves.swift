import Figures
import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins that draw points and what joins them.
  static let curves: [Builtin] = [
    Builtin(
      "plot", in: .look,
      "Curves: of a vector, of the columns of a matrix, of the fields of a record such as a history.",
      Parameter<Value>("x", "the numbers; with y, where they lie on the horizontal axis"),
      Parameter<Value?>(positional: "y", "the numbers, as many rows as x"),
      Parameter<Bool>("log", "whether the vertical axis counts powers of ten", default: false),
      .title, .height, shapes: "value → value", seeAlso: ["scatter", "curve", "hist"],
      examples: [
        Example(
          "plot([1, 4, 9, 16], height=5)",
          prints: """
               │                                                          ⣀⣀⣀⣀⣀⠤⠤⠤⠤⠤⠒⠒⠒⠒⠒⠉⠉⠉
             10┤                             ⢀⣀⣀⣀⣀⣀⣀⣀⣀⠤⠤⠤⠤⠤⠤⠤⠤⠔⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉
               │⠤⠤⠤⠤⠤⠤⠔⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠁
               └┬────────────────────────┬────────────────────────┬────────────────────────┬
                1                        2                        3                        4
            """)
      ],
      using: { context, x, y, log, title, height -> Value in
        let size = PictureSize(context, height: height)
        let drawing = context.drawing
        try draw(context, numbers(in: x)) {
          Picture.curves(
            try series(x, y, form: .line), title: title, logarithmic: log, width: size.width,
            height: size.height, drawing: drawing)
        }
        return .nothing
      }),
    Builtin(
      "scatter", in: .look, "Points: the columns of y over x, or points with labels.",
      Parameter<Value>("x", "where the points lie on the horizontal axis"),
      Parameter<Value>("y", "where they lie on the vertical one"),
      Parameter<Value?>(
        positional: "labels", "a number or text for every point, whose last letter is drawn for it"),
      .title, .height, shapes: "value, value → value", seeAlso: ["plot", "pca"],
      examples: [
        Example(
          "scatter([1, 2, 3], [1, 4, 9], height=5)",
          prints: """
              │                                                                            ⠈
             5┤                                      ⢀
              │⠄
              └┬──────────────────┬──────────────────┬──────────────────┬──────────────────┬
              1.0                1.5                2.0                2.5               3.0
            """),
        Example(
          "scatter([1, 2, 3, 4], [1, 4, 9, 1], {\"a\", \"a\", \"b\", \"b\"}, height=5)",
          prints: """
              │                                                   b
             5┤                         a
              │a                                                                           b
              └┬────────────────────────┬─────────────────────────┬────────────────────────┬
               1                        2                         3                        4
            """),
      ],
      using: { context, x, y, labels, title, height -> Value in
        let size = PictureSize(context, height: height)
        let drawing = context.drawing
        try draw(context, numbers(in: x)) {
          let curves = try series(x, y, form: .dots)
          return Picture.curves(
            try labels.map { try groups(curves, $0) } ?? curves, title: title, width: size.width,
            height: size.height,
            drawing: drawing)
        }
        return .nothing
      }),
    Builtin(
      "curve", in: .look, "The graph of a function between two numbers.",
      Parameter<Function>("f", "a function of one number"),
      Parameter<Double>("from", "where it begins"),
      Parameter<Double>("to", "where it ends"),
      .title, .height, shapes: "function, a, b → value", seeAlso: ["plot"],
      examples: [
        Example(
          "curve(x -> x ^ 2, -1, 1, height=5)",
          prints: """
             1┤⠒⠒⠤⠤⣀⣀⡀                                                               ⢀⣀⣀⠤⠤⠒⠒
              │      ⠈⠉⠒⠒⠢⠤⠤⢄⣀⣀⡀                                           ⢀⣀⣀⡠⠤⠤⠔⠒⠒⠉⠁
             0┤                ⠈⠉⠉⠑⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⢄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⡠⠤⠤⠤⠤⠤⠤⠒⠒⠒⠒⠊⠉⠉⠁
              └┬──────────────────┬──────────────────┬──────────────────┬──────────────────┬
             -1.0               -0.5                0.0                0.5               1.0
            """)
      ],
      using: { context, f, from, to, title, height -> Value in
        guard from.isFinite, to.isFinite, from < to else {
          throw Problem(
            .value, "'from' must be below 'to'", at: "from",
            label: "the number \(NumberFormat.short(from))")
        }
        let size = PictureSize(context, height: height)
        // Two dots a cell are all that a terminal shows.
        let x = Matrix.spaced(from: from, to: to, count: 2 * size.width).elements
        let y = try x.map { number in
          try Interrupt.check()
          let answer = try f.callable.call(Arguments([.number(number)]), context)
          guard let result = Double.from(answer) else {
            throw Problem(
              .type, "'f' must answer a number, and answered \(answer.label)", at: "f",
              label: Value.function(f.callable).label)
          }
          return result
        }
        try draw(
          Picture.curves(
            [Curve(x: x, y: y)], title: title, width: size.width, height: size.height,
            drawing: context.drawing), context)
        return .nothing
      }),
  ]

  /// The curves that one or two values stand for.
  private static func series(_ x: Value, _ y: Value?, form: Curve.Form) throws -> [Curve] {
    guard let y else {
      return try columns(x, "x").map { name, numbers in
        Curve(name, x: (1...numbers.count).map(Double.init), y: numbers, form: form)
      }
    }
    let places = try columns(x, "x")
    let heights = try columns(y, "y")
    guard let first = places.first?.numbers, places.count == 1 else {
      throw Problem(.shape, "'x' needs a vector", at: "x", label: x.label)
    }
    return try heights.map { name, numbers in
      guard numbers.count == first.count else {
        throw Problem(
          .shape, "x and y need the same length",
          mentioning: [
            .init(parameter: "x", label: x.label), .init(parameter: "y", label: y.label),
          ])
      }
      return Curve(name, x: first, y: numbers, form: form)
    }
  }

  /// The numbers of a vector, the columns of a matrix, the vectors in a record, with their names.
  static func columns(_ value: Value, _ parameter: String) throws
    -> [(name: String, numbers: [Double])]
  {
    if case .record(let record) = value {
      let columns = zip(record.keys, record.values).compactMap { key, value in
        Matrix.from(value).flatMap { matrix in
          matrix.shape.isVector && matrix.count > 0 ? (name: key, numbers: matrix.elements) : nil
        }
      }
      guard !columns.isEmpty else {
        throw Problem(.type, "the record has no vector to draw", at: parameter, label: value.label)
      }
      return columns
    }
    if case .list(let list) = value {
      let numbers = list.compactMap { Double.from($0) }
      if numbers.count == list.count, !numbers.isEmpty { return [("", numbers)] }
    }
    guard let matrix = Matrix.from(value) else {
      throw Problem(
        .type, "'\(parameter)' needs numbers: a vector, a matrix or a record of vectors",
        at: parameter, label: value.label)
    }
    let x = try drawable(matrix, parameter)
    if x.shape.isVector { return [(x.columns == 1 ? x.columnNames?.first ?? "" : "", x.elements)] }
    guard x.columns <= 12 else {
      throw Problem(
        .shape, "more than 12 curves cannot be told apart", at: parameter, label: x.label,
        help: "heatmap(x) shows the whole matrix")
    }
    return (0..<x.columns).map { (x.columnNames?[$0] ?? "\($0 + 1)", x.column($0)) }
  }

  /// The points of one curve by their labels, each drawn as the last letter of its label, or as a
  /// letter of its own where these are not different.
  private static func groups(_ curves: [Curve], _ labels: Value) throws -> [Curve] {
    guard let curve = curves.first, curves.count == 1 else {
      throw Problem(
        .shape, "labels are for one column of points", at: "labels", label: labels.label)
    }
    let names = try Sequences.elements(of: labels, "labels").map(\.printed)
    guard names.count == curve.places.count else {
      throw Problem(
        .shape, "\(curve.places.count) points need as many labels", at: "labels",
        label: labels.label)
    }
    var members: [String: [Int]] = [:]
    for (place, name) in names.enumerated() { members[name, default: []].append(place) }
    // Numbers by their size: "10" behind "9".
    let kinds = members.keys.sorted { a, b in
      if let x = Double(a), let y = Double(b) { return x < y }
      return a < b
    }
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".unicodeScalars)
    guard kinds.count <= letters.count else {
      throw Problem(
        .value, "more than \(letters.count) labels cannot be told apart", at: "labels",
        label: labels.label)
    }
    let ends = kinds.compactMap { $0.unicodeScalars.last }
    let areClear =
      Set(ends).count == kinds.count && ends.allSatisfy { 0x20 < $0.value && $0.value < 0x7F }
    return kinds.enumerated().map { index, name in
      let places = members[name] ?? []
      return Curve(
        name, x: places.map { curve.places[$0].x }, y: places.map { curve.places[$0].y },
        form: .dots, mark: areClear ? ends[index] : letters[index])
    }
  }
}
