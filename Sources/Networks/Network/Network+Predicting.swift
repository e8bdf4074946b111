import Matrices
import Vocabulary

extension Network: Layering {
  package func layer(of function: String) -> String? {
    Activation(rawValue: function).map { "activation(\($0.rawValue))" }
  }
}

extension Network: Predicting {
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    guard inputs.count == 1, let first = inputs.first, let x = Matrix.from(first) else {
      throw Problem(
        .type, "a network predicts from one matrix, a sample a row",
        help: "write predict(net, X)")
    }
    return .matrix(outputs(for: try checked(x, at: "inputs")))
  }

  /// The input, if this network can take it.
  package func checked(_ x: Matrix, at parameter: String) throws -> Matrix {
    if !computes {
      throw Problem(
        .value, "the network needs a layer after its input", at: "net", label: "network \(flow)",
        help: "add one: input(\(input.call)) |> dense(10, softmax)")
    }
    if x.columns != inputs {
      let help =
        x.rows == inputs && x.columns != inputs
        ? "samples are rows: transpose with '"
        : trained == nil
          ? "start the network with input(\(x.columns))"
          : "the shapes are \(flow)"
      throw Problem(
        .shape, "layer 'input' takes rows of \(inputs) numbers, in \(flow)", at: parameter,
        label: x.label, help: help)
    }
    if x.rows == 0 {
      throw Problem(.shape, "at least one row is needed", at: parameter, label: x.label)
    }
    let x = try finite(x, at: parameter)
    for (place, layer) in layers.enumerated() where graph.sources[place] == [Graph.input] {
      if let table = layer as? Embedding { try check(x, for: table, at: parameter) }
    }
    return x
  }

  /// The numbers that a table has vectors for.
  private func check(_ x: Matrix, for table: Embedding, at parameter: String) throws {
    for column in table.columns {
      let numbers = x.selecting(columns: [column]).elements
      guard
        let row = numbers.firstIndex(where: {
          $0 != $0.rounded() || $0 < 1 || $0 > Double(table.vocabulary)
        })
      else { continue }
      throw Problem(
        .value,
        "layer 'embedding' takes whole numbers from 1 to \(table.vocabulary); row \(row + 1), "
          + "column \(column + 1) is \(NumberFormat.short(numbers[row]))", at: parameter,
        label: x.label,
        help: Self.help(x.selecting(columns: Array(table.columns)).elements, table.vocabulary))
    }
  }

  /// How numbers that count from 0, or are more than those of a table, become such as it takes.
  private static func help(_ numbers: [Double], _ vocabulary: Int) -> String? {
    guard numbers.allSatisfy({ $0 == $0.rounded() && $0 >= 0 }) else { return nil }
    let startsAtZero = numbers.contains(0)
    let most = (numbers.max() ?? 0) + (startsAtZero ? 1 : 0)
    let counting = startsAtZero ? "numbers count from 1: add 1" : nil
    if most <= Double(vocabulary) { return counting }
    let larger = "the table needs \(NumberFormat.short(most)) rows"
    return counting.map { "\($0); \(larger)" } ?? larger
  }
}

/// A matrix without NaN and infinities, or the place of the first.
func finite(_ x: Matrix, at parameter: String) throws -> Matrix {
  if let place = x.firstNonFinite {
    let (row, column) = (place.row + 1, place.column + 1)
    let found = NumberFormat.short(x[place.row, place.column])
    throw Problem(
      .value, "all numbers must be finite; row \(row), column \(column) is \(found)", at: parameter,
      label: x.label,
      help: "keep the complete rows, or fill in a value: X[isnan(X)] = 0",
      remedy: x[place.row, place.column].isNaN
        ? .rewriting(parameter, as: "where(isnan($), 0, $)") : nil)
  }
  return x
}
