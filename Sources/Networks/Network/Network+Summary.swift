import Matrices
import Vocabulary

/// What a network shows of itself.
extension Network {
  package func summary(width: Int) -> String { summary(width: width, times: []) }

  /// The summary, with the times of the layers where they were measured.
  func summary(width: Int, times: [LayerTime]) -> String {
    var lines = ["network \(shapeFlow), \(parameterCount) parameters"]
    lines += table(times, width: width) + audit
    if !times.isEmpty {
      lines.append(
        "times: µs a row of \(LayerTime.rows), on one thread, forward and back with the gradient")
    }
    lines += training(width: width)
    return lines.flatMap { Self.wrapped($0, to: width) }.joined(separator: "\n")
  }

  /// One line a layer: number, title, shapes, parameters, multiply-adds of a row. Where branches
  /// part and meet, a shape says which layers it comes from.
  ///
  /// Where the lines are too long, large numbers become short ones, then only the shapes that come
  /// out stay, then titles lose their ends.
  private func table(_ times: [LayerTime], width: Int) -> [String] {
    if layers.isEmpty { return ["  no layers yet"] }
    let tries = [(false, false), (true, false), (true, true)].map { isShort, isNarrow in
      cells(times, shortNumbers: isShort, outputsAlone: isNarrow)
    }
    func total(_ rows: [[String]]) -> Int { Self.widths(rows).reduce(0) { $0 + $1 + 2 } }
    var rows = tries.first { total($0) <= width } ?? tries[tries.count - 1]
    let most = max((Self.widths(rows).dropFirst().first ?? 0) - max(total(rows) - width, 0), 12)
    for index in rows.indices where rows[index][1].count > most {
      rows[index][1] = String(rows[index][1].prefix(most - 1)) + "…"
    }
    let widths = Self.widths(rows)
    return rows.map { row in
      var line = " "
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += " " + (column >= 3 || column == 0 ? padding + cell : cell + padding) + " "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private static func widths(_ rows: [[String]]) -> [Int] {
    rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  }

  /// The cells of the table, its head first.
  private func cells(_ times: [LayerTime], shortNumbers: Bool, outputsAlone: Bool) -> [[String]] {
    func count(_ number: Int) -> String {
      if number == 0 { return "–" }
      return shortNumbers
        ? Self.size(number, units: [("G", 1e9), ("M", 1e6), ("k", 1e3)]) : "\(number)"
    }
    let head = [
      "", "layer", outputsAlone ? "gives" : "shape", "parameters",
      shortNumbers ? "mul-adds" : "multiply-adds",
    ]
    return [head + (times.isEmpty ? [] : ["forward", "back"])]
      + layers.enumerated().map { index, layer in
        let own = [
          "\(index + 1)", layer.title + (graph.ties[index].map { " to \($0 + 1)" } ?? ""),
          outputsAlone ? "\(layer.output)" : "\(source(of: index)) → \(layer.output)",
          count(layer.parameterShape.count), count(layer.work),
        ]
        guard times.indices.contains(index) else { return own }
        return own
          + [times[index].forward, times[index].backward].map {
            NumberFormat.short($0 * 1e6, digits: 3)
          }
      }
  }

  /// A line in parts that are no longer than the width; all but the first are indented. Where there
  /// is no room for parts, it is cut.
  private static func wrapped(_ line: String, to width: Int) -> [String] {
    if line.count <= width { return [line] }
    if width < 20 { return [String(line.prefix(max(width - 1, 0))) + "…"] }
    var lines: [String] = []
    var rest = Substring(line)
    var indent = ""
    while indent.count + rest.count > width {
      let part = rest.prefix(width - indent.count + 1)
      let end =
        part.dropFirst().lastIndex(of: " ")
        ?? rest.index(rest.startIndex, offsetBy: width - indent.count)
      lines.append(indent + rest[..<end])
      rest = rest[end...].drop { $0 == " " }
      indent = "    "
    }
    return rest.isEmpty ? lines : lines + [indent + rest]
  }

  /// What a layer reads: a shape, and whose it is where that is not the layer before.
  private func source(of place: Int) -> String {
    let reads = graph.sources[place]
    func name(_ source: Int) -> String { source < 0 ? "input" : "\(source + 1)" }
    func shape(_ source: Int) -> Geometry { source < 0 ? input : layers[source].output }
    if reads.count > 1 {
      let names = reads.map(name)
      return Set(reads.map { shape($0).sizes }).count == 1
        ? "\(names.joined(separator: ", ")): \(shape(reads[0]))"
        : zip(names, reads).map { "\($0): \(shape($1))" }.joined(separator: ", ")
    }
    let own = "\(layers[place].input)"
    return reads == [place - 1] ? own : "\(name(reads[0])): \(own)"
  }

  /// What it takes, and whether constrained weights are where they should be.
  private var audit: [String] {
    let width = (trained?.precision ?? .single).bytes
    let row = layers.filter { !$0.isView }.reduce(inputs) { $0 + $1.outputs + $1.keptColumns }
    var lines: [String] = []
    if !layers.isEmpty {
      lines.append(
        "memory: \(Self.size(parameterCount * width)) of parameters, "
          + "\(Self.size(row * width)) a row on the way")
    }
    for (index, layer) in layers.enumerated() {
      guard let constraint = layer.rules.constraint else { continue }
      let values = parameters(of: index)
      let weights = Matrix.above(layer.weightRanges.map { values.rows(in: $0) })
      let lengths = weights.times(weights).reduced(.sum, along: .rows).mapped(.sqrt)
      func short(_ number: Double) -> String { NumberFormat.short(number, digits: 4) }
      lines.append(
        "layer \(index + 1) is \(constraint): weights \(short(weights.total(.minimum))) … "
          + "\(short(weights.total(.maximum))), columns of length "
          + "\(short(lengths.total(.minimum))) … \(short(lengths.total(.maximum)))")
    }
    return lines
  }

  /// Bytes in the largest unit that leaves a number above 1.
  private static func size(_ bytes: Int) -> String {
    bytes < 1000 ? "\(bytes) B" : size(bytes, units: [(" MB", 1e6), (" kB", 1e3)])
  }

  /// A number in the first unit that it reaches.
  private static func size(_ number: Int, units: [(name: String, size: Double)]) -> String {
    guard let unit = units.first(where: { Double(number) >= $0.size }) else { return "\(number)" }
    return NumberFormat.short(Double(number) / unit.size, digits: 3) + unit.name
  }

  /// How it was trained, with the loss as a spark line.
  private func training(width: Int) -> [String] {
    guard let trained, let loss = trained.history.loss.last else {
      let start =
        graph.values.contains { $0?.isEmpty == false }
        ? "starts from learnt weights" : "not trained"
      return ["\(start) (seed \(seed))"]
    }
    let history = trained.history
    let epochs = history.epochs == 1 ? "1 epoch" : "\(history.epochs) epochs"
    let seconds = NumberFormat.fixed(history.seconds.last ?? 0, decimals: 2)
    var numbers = "loss \(NumberFormat.short(loss, digits: 4))"
    if let accuracy = history.accuracy.last, !accuracy.isNaN {
      numbers += ", accuracy \(NumberFormat.short(accuracy, digits: 4))"
    }
    let place = (trained.bestEpoch ?? history.epochs) - 1
    if history.validationLoss.indices.contains(place), !history.validationLoss[place].isNaN {
      numbers += "; validation \(NumberFormat.short(history.validationLoss[place], digits: 4))"
      let accuracy = history.validationAccuracy[place]
      if !accuracy.isNaN { numbers += ", accuracy \(NumberFormat.short(accuracy, digits: 4))" }
    }
    let curve = SparkLine.text(
      of: history.loss, width: max(8, min(24, width - 60)), logarithmic: true)
    var how = "trained \(epochs) in \(seconds) s, \(trained.reason)"
    if let best = trained.bestEpoch, best < history.epochs { how += ", kept epoch \(best)" }
    return [
      "\(numbers)  \(curve)", how,
      "\(trained.loss), \(trained.optimizer.title), batch \(trained.batch), seed \(seed)",
    ] + protection(trained)
  }
}
