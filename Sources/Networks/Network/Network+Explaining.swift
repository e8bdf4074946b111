import Matrices
import Vocabulary

/// What the numbers of one input have to do with the score of a class.
package final class Attribution: Object {
  package enum Method: String, Sendable, CaseIterable { case integrated, gradient }

  package let method: Method
  /// The label of the output, or its number.
  package let label: Double
  /// Whether the output stands for a class.
  package let isClass: Bool
  /// The score for the input, and for the baseline.
  package let score: Double
  package let baseline: Double
  /// A number for every number of the input: 1×n.
  package let values: Matrix
  package let geometry: Geometry

  init(
    method: Method, label: Double, isClass: Bool, score: Double, baseline: Double,
    values: Matrix, geometry: Geometry
  ) {
    self.method = method
    self.label = label
    self.isClass = isClass
    self.score = score
    self.baseline = baseline
    self.values = values
    self.geometry = geometry
  }

  package let kind = "explanation"
  package let fieldNames = ["map", "values", "class", "score", "baseline", "gap", "method"]

  package func field(_ name: String) -> Value? {
    switch name {
    case "map": .matrix(map)
    case "values": .matrix(values)
    case "class": .number(label)
    case "score": .number(score)
    case "baseline": .number(baseline)
    case "gap": .number(gap)
    case "method": .text(method.rawValue)
    default: nil
    }
  }

  /// What the sum of the values lacks of the difference between the scores.
  private var gap: Double { score - baseline - values.total(.sum) }

  /// In the shape of the image or sequence; channels are summed.
  private var map: Matrix {
    guard let image = geometry.image else { return values }
    return values.reshaped(image.height * image.width, image.channels)
      .reduced(.sum, along: .columns).reshaped(image.height, image.width)
  }

  /// A picture of letters: what speaks for the class, and what against it.
  package func summary(width: Int) -> String {
    func short(_ number: Double) -> String { NumberFormat.short(number, digits: 4) }
    let what =
      method == .integrated
      ? "score \(short(score)), of the baseline \(short(baseline))" : "score \(short(score))"
    let map = map
    let most = max(map.mapped(.abs).total(.maximum), 1e-300)
    let (forClass, against) = (Array(" ░▒▓█"), Array(" -=≡#"))
    let shape = Shape(min(map.rows, 32), min(map.columns, max((width - 4) / 2, 1)))
    let pixels = map.resampled(to: shape)
    let lines = (0..<shape.rows).map { row in
      "  │"
        + pixels.row(row).map { value in
          let step = min(Int((abs(value) / most * 4).rounded()), 4)
          return String(repeating: value < 0 ? against[step] : forClass[step], count: 2)
        }.joined() + "│"
    }
    let (output, place) = (isClass ? "class" : "output", geometry.isPlain ? "number" : "pixel")
    return
      (["explanation of \(output) \(short(label)), \(method.rawValue): \(what)"] + lines + [
        "  ░▒▓█ speaks for it, -=≡# against it, up to \(short(most)) a \(place)"
      ]).map { $0.count > width ? String($0.prefix(max(width - 1, 0))) + "…" : $0 }
      .joined(separator: "\n")
  }
}

extension Network: Explaining {
  package func explain(_ inputs: [Value], _ options: Record, _ context: Context) throws -> Value {
    guard inputs.count == 1, let given = inputs.first.flatMap(Matrix.from) else {
      throw Problem(
        .type, "a network explains what it says of one row", at: "inputs",
        label: inputs.map(\.label).joined(separator: ", "), help: "write explain(net, X[1, :])")
    }
    let x = try checked(given, at: "inputs")
    guard x.rows == 1 else {
      throw Problem(
        .shape, "one row is explained at a time", at: "inputs", label: x.label,
        help: "write explain(net, X[1, :])", remedy: .rewriting("inputs", as: "$[1, :]"))
    }
    let baseline = options["baseline"].flatMap(Matrix.from)
    if let baseline, baseline.shape != x.shape {
      throw Problem(
        .shape, "the baseline is an input: \(x.shape)", at: "baseline", label: baseline.label)
    }
    let method =
      options["method"].flatMap(String.from).flatMap(Attribution.Method.init(rawValue:))
      ?? .integrated
    let output = try options["class"].flatMap(Double.from).map { try place(of: $0) }
    let steps = options["steps"].flatMap(Int.from) ?? 64
    if let layer = layers.first(where: { $0 is Embedding }) {
      guard let embedding = vectorsFirst else {
        throw Problem(
          .value, "the numbers that '\(layer.title)' reads are names, which have no slope",
          at: "model", label: flow,
          help: "where the embedding is the first of a chain of layers, its vectors are explained")
      }
      return .object(
        try tokenAttribution(
          of: x, embedding, output: output, method, steps: steps,
          baseline: try baseline.map { try checked($0, at: "baseline") }))
    }
    return .object(
      try attribution(
        of: x, output: output, method, steps: steps,
        baseline: try finite(baseline ?? .zeros(1, x.columns), at: "baseline")))
  }

  /// The output that stands for a class: by its label, or by its number where there are no labels.
  private func place(of label: Double) throws -> Int {
    let labels = trained?.classes ?? (1...outputs).map(Double.init)
    guard let place = labels.firstIndex(of: label) else {
      let names = labels.prefix(10).map { NumberFormat.short($0) }.joined(separator: ", ")
      throw Problem(
        .value, "the classes are \(names)\(labels.count > 10 ? ", …" : "")", at: "class",
        label: "the number \(NumberFormat.short(label))")
    }
    return place
  }

  /// Whether its outputs stand for classes.
  var namesClasses: Bool { classifies || layers.last?.activation == .softmax }

  /// Rows that go through the network together.
  private static let slopeRows = 16

  /// Why an output has its score for one input.
  ///
  /// - Parameters:
  ///   - output: the number of the output, from 0; the largest one where nothing is said.
  ///   - steps: places between baseline and input at which slopes are taken.
  package func attribution(
    of x: Matrix, output: Int?, _ method: Attribution.Method, steps: Int, baseline: Matrix
  ) throws -> Attribution {
    let chunk = method == .gradient ? 1 : min(steps, Self.slopeRows)
    let way = InputSlopes(self, rows: chunk)
    let x = x.converted(to: .double)
    func repeated(_ row: Matrix) -> Matrix { .above([Matrix](repeating: row, count: chunk)) }
    let scores = way.run(repeated(x), column: 0).outputs.rows(in: 0..<1)
    let column = output ?? scores.argMaximum(along: .columns)[0]
    var values = Matrix.zeros(1, x.columns)
    let start = baseline.converted(to: .double)
    var base = 0.0
    switch method {
    case .gradient: values = way.run(x, column: column).slopes
    case .integrated:
      base = way.run(repeated(start), column: column).outputs[0, column]
      let line = x - start
      for first in stride(from: 0, to: steps, by: chunk) {
        try Interrupt.check()
        let count = min(chunk, steps - first)
        // The middles of even parts of the way.
        let parts = (first..<first + chunk).map {
          (Double(min($0, steps - 1)) + 0.5) / Double(steps)
        }
        let rows = Matrix(column: parts) * line + repeated(start)
        let slopes = way.run(rows, column: column).slopes.rows(in: 0..<count)
        values = values + slopes.reduced(.sum, along: .rows)
      }
      values = (1 / Double(steps) * values).times(line)
    }
    return Attribution(
      method: method, label: trained?.classes?[column] ?? Double(column + 1),
      isClass: namesClasses, score: scores[0, column], baseline: base, values: values,
      geometry: input)
  }
}
