import Matrices
import Vocabulary

/// How much the rows of each class count in the loss.
enum ClassWeights {
  /// The weights by the order of the outputs, or of the two sides of a single one, from what a user
  /// gives: "balanced" or a number for every class.
  static func read(_ value: Value, _ targets: Targets) throws -> [Double] {
    guard let classes = targets.kinds else {
      throw Problem(
        .value, "class_weights need targets that are a column of classes", at: "class_weights",
        label: value.label,
        help: targets.matrix.columns > 1
          ? "give the column itself, not one_hot(y)"
          : "of 0 and 1 a network that ends in dense(1, sigmoid) takes them with "
            + "loss=\"binary_crossentropy\"")
    }
    if case .text(let text) = value {
      guard text == "balanced" else { throw refusal(value, classes) }
      return balanced(targets.places, classes.count)
    }
    let numbers: [Double]
    switch value {
    case .list(let list): numbers = list.compactMap(Double.from)
    default: numbers = Matrix.from(value)?.elements ?? []
    }
    guard numbers.count == classes.count, numbers.allSatisfy({ $0 >= 0 && $0.isFinite }),
      numbers.contains(where: { $0 > 0 })
    else { throw refusal(value, classes) }
    return numbers
  }

  /// `n / (k nₖ)`: every class counts alike (King & Zeng 2001); those without rows do not matter.
  private static func balanced(_ places: [Int], _ count: Int) -> [Double] {
    var rows = [Double](repeating: 0, count: count)
    for place in places { rows[place] += 1 }
    let present = Double(rows.count { $0 > 0 })
    return rows.map { $0 > 0 ? Double(places.count) / (present * $0) : 1 }
  }

  private static func refusal(_ value: Value, _ classes: [Double]) -> Problem {
    let names = classes.prefix(6).map { NumberFormat.short($0) }.joined(separator: ", ")
    return Problem(
      .value,
      "class_weights are \"balanced\", or a number of at least 0 for each of the \(classes.count) "
        + "classes \(names)\(classes.count > 6 ? ", …" : "")", at: "class_weights",
      label: value.label)
  }
}
