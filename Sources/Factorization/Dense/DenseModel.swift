import Matrices
import Training
import Vocabulary

/// What `mf` makes of a whole matrix: `X ≈ W H + b` or `X ≈ W H Wᵀ + b`.
package final class DenseModel: Object {
  package let w: Matrix
  package let h: Matrix
  package let bias: Double
  /// What is added to rows and to columns of a form with a core, if anything.
  package let lines: (rows: Matrix, columns: Matrix)?
  package let form: MFForm
  package let method: String
  package let options: MFOptions
  package let shape: Shape
  /// `‖X − model‖ / ‖X‖`.
  package let error: Double
  package let loss: Double
  /// The part of the variance of X around its column means that the model explains.
  package let explained: Double
  package let history: Record
  package let iterations: Int
  package let reason: StopReason
  package let seconds: Double

  /// Runs the loop on X, which must be finite, and keeps what it found. Elements count as much as
  /// their weights.
  package init(
    fitting x: Matrix, weights: Matrix? = nil, _ form: MFForm, _ options: MFOptions,
    by method: DenseMethod, loop: TrainingLoop
  ) throws {
    let scaling = DenseScaling(x, form, options)
    let scaled = scaling?.scaled(x) ?? x
    var process = DenseProcess(
      scaled, weights: weights, form, scaling?.scaled(options) ?? options, by: method)
    let recorder = Recorder()
    var loop = loop
    loop.observers.append(recorder)
    let outcome = try loop.run(&process)
    let parameters = scaling?.restored(process.parameters) ?? process.parameters
    (w, h, bias) = (parameters[0], parameters[1], parameters[2][0, 0])
    lines = parameters.count > 3 ? process.task.form.lines(parameters) : nil
    (self.form, self.options, shape) = (form, options, x.shape)
    self.method = method.name
    let squares = process.squares
    let norm = scaled.squares(weights)
    loss = scaling?.restored(loss: squares / 2) ?? squares / 2
    error = norm > 0 ? (squares / norm).squareRoot() : 0
    explained =
      weights.map { scaled.explained(residual: squares, weights: $0) }
      ?? scaled.explained(residual: squares)
    let steps = recorder.steps
    history = Record([
      ("iteration", .matrix(Matrix(column: steps.map { Double($0.index) }))),
      ("error", .matrix(Matrix(column: steps.map(\.objective)))),
      ("seconds", .matrix(Matrix(column: steps.map(\.seconds)))),
    ])
    (iterations, reason, seconds) = (outcome.steps, outcome.reason, outcome.seconds)
  }

  /// A model from a file.
  private init(_ parts: Parts) throws {
    w = try parts("W")
    h = try parts("H")
    bias = try parts("b")
    form = try parts.choice("form")
    method = try parts("method")
    let sizes = try parts.numbers("shape").compactMap { Int(exactly: $0) }
    guard sizes.count == 2 else { throw Parts.damage("a shape that is none") }
    shape = Shape(sizes[0], sizes[1])
    options = try MFOptions(Parts(try parts("options")))
    let width = form == .uv ? h.columns : w.rows
    guard w.rows == shape.rows, w.columns == h.rows, width == shape.columns,
      form == .uv || h.columns == h.rows
    else { throw Parts.damage("the factors do not fit each other") }
    guard w.firstNonFinite == nil, h.firstNonFinite == nil, bias.isFinite else {
      throw Parts.damage("a number of a factor is none")
    }
    let rows: Matrix? = try parts("row_bias")
    let columns: Matrix? = try parts("column_bias")
    if let rows, let columns {
      guard rows.shape == Shape(shape.rows, 1), columns.shape == Shape(shape.columns, 1) else {
        throw Parts.damage("the biases do not fit the factors")
      }
      lines = (rows, columns)
    } else {
      lines = nil
    }
    error = try parts("error")
    loss = try parts("loss")
    explained = try parts("explained")
    history = try parts("history")
    iterations = try parts("iterations")
    reason = try parts.choice("reason")
    seconds = try parts("seconds")
  }

  /// The model of X.
  package var rebuilt: Matrix {
    let product = form == .uv ? w * h + bias : w * h * w.transposed + bias
    guard let lines else { return product }
    return .combine(.add, .combine(.add, product, lines.rows), lines.columns.transposed)
  }

  /// One element of it.
  package func element(_ row: Int, _ column: Int) -> Double {
    let own = w.rows(in: row..<row + 1)
    let other =
      form == .uv ? h.selecting(columns: [column]) : h * w.rows(in: column..<column + 1).transposed
    let extra = lines.map { $0.rows[row, 0] + $0.columns[column, 0] } ?? 0
    return (own * other)[0, 0] + bias + extra
  }
}

extension Matrix {
  /// The sum of squares, each as much as its weight.
  func squares(_ weights: Matrix?) -> Double {
    weights.map { $0.dot(times(self)) } ?? sumOfSquares
  }

  /// The same as below, of elements that count as much as their weights.
  func explained(residual: Double, weights: Matrix) -> Double {
    let counts = weights.reduced(.sum, along: .rows)
    let means = weights.times(self).reduced(.sum, along: .rows).over(counts + 1e-300)
    let spread = Matrix.combine(.subtract, self, means).squares(weights)
    return spread > 0 ? 1 - residual / spread : .nan
  }

  /// What part of the variance around the column means is gone when `residual` is left of the
  /// squares; NaN without variance.
  func explained(residual: Double) -> Double {
    // Some rows at a time: sums of wide ones take memory for every thread that could make some.
    let (x, size) = (rowMajor(), max(64, (1 << 18) / max(columns, 1)))
    var sums = Matrix.zeros(1, columns)
    for start in stride(from: 0, to: rows, by: size) {
      let block = x.rows(in: start..<min(rows, start + size))
      sums = sums + block.reduced(.sum, along: .rows).converted(to: .double)
    }
    let means = sums / Double(max(rows, 1))
    let squares = census.sumOfSquares
    var spread = squares - Double(rows) * means.sumOfSquares
    // Where little is left of the difference it is taken element by element.
    if spread < 1e-6 * squares {
      spread = Matrix.combine(.subtract, converted(to: .double), means).sumOfSquares
    }
    return spread > 0 ? 1 - residual / spread : .nan
  }
}

extension DenseModel: Predicting {
  package var kind: String { "mf model" }

  package var fieldNames: [String] {
    let all = [
      "W", "H", "b", "row_bias", "column_bias", "form", "rank", "loss", "error", "explained",
      "history", "iterations",
      "converged", "reason", "method", "seed", "seconds",
    ]
    return lines == nil ? all.filter { !$0.hasSuffix("_bias") } : all
  }

  package func field(_ name: String) -> Value? {
    switch name {
    case "W": .matrix(w)
    case "H": .matrix(h)
    case "b": .number(bias)
    case "row_bias": lines.map { .matrix($0.rows) }
    case "column_bias": lines.map { .matrix($0.columns) }
    case "form": .text(form.rawValue)
    case "rank": .number(Double(options.rank))
    case "loss": .number(loss)
    case "error": .number(error)
    case "explained": .number(explained)
    case "history": .record(history)
    case "iterations": .number(Double(iterations))
    case "converged": .boolean(reason == .converged)
    case "reason": .text(reason.words)
    case "method": .text(method)
    case "seed": .number(Double(options.seed))
    case "seconds": .number(seconds)
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let curve = history["error"].flatMap(Matrix.from)?.elements ?? []
    let product = form == .uv ? "W \(w.shape) · H \(h.shape)" : "W \(w.shape) · H \(h.shape) · Wᵀ"
    let lines = [
      "mf model: \(shape) ≈ \(product)"
        + (options.bias ? " + \(NumberFormat.short(bias, digits: 4))" : "")
        + (lines == nil ? "" : options.coreBias == .symmetric ? " + r1ᵀ + 1rᵀ" : " + r1ᵀ + 1cᵀ"),
      "  error \(NumberFormat.short(error, digits: 4)) "
        + SparkLine.text(of: curve, width: max(8, min(40, width - 30)), logarithmic: true),
      "  \(iterations) iterations of \(method), \(reason.words), "
        + "\(NumberFormat.short(seconds, digits: 3)) s, seed \(options.seed)",
    ]
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  /// The rebuilt matrix, or one element of it.
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    if inputs.isEmpty { return .matrix(rebuilt) }
    guard inputs.count == 2, let row = Int.from(inputs[0]), let column = Int.from(inputs[1]),
      (1...shape.rows).contains(row), (1...shape.columns).contains(column)
    else {
      throw Problem(
        .value, "this model predicts everything, or the element of a row and a column of \(shape)",
        at: "inputs", label: inputs.map(\.label).joined(separator: ", "))
    }
    return .number(element(row - 1, column - 1))
  }
}

extension DenseModel: Storable {
  package static let storedKind = "mf model"

  package var stored: Record {
    var parts = Record([
      ("W", .matrix(w)), ("H", .matrix(h)), ("b", .number(bias)), ("form", .text(form.rawValue)),
      ("method", .text(method)), ("options", .record(options.parts)),
      ("shape", .matrix(Matrix(row: [Double(shape.rows), Double(shape.columns)]))),
      ("error", .number(error)), ("loss", .number(loss)), ("explained", .number(explained)),
      ("history", .record(history)), ("iterations", .number(Double(iterations))),
      ("reason", .text(reason.rawValue)), ("seconds", .number(seconds)),
    ])
    if let lines {
      parts["row_bias"] = .matrix(lines.rows)
      parts["column_bias"] = .matrix(lines.columns)
    }
    return parts
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> DenseModel {
    try DenseModel(parts)
  }
}

extension DenseModel: Returnable {
  package var value: Value { .object(self) }
}
