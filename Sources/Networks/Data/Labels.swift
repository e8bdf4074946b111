import Autodiff
import Matrices
import Vocabulary

/// What a network is compared with: classes by number, or values for every output.
struct Targets {
  /// n×1 numbers of classes counted from 0, or n×outputs values.
  var matrix: Matrix
  /// The label of every output, when classes were given.
  var classes: [Double]?
  /// The two that a single output tells apart, where the targets are nothing else.
  var sides: [Double]?

  /// What the rows are told apart by.
  var kinds: [Double]? { classes ?? sides }

  /// The place of each row's kind among them.
  var places: [Int] { matrix.elements.map(Self.place) }

  /// The place of the class that a target names: its number, or which of two sides it is.
  static func place(_ target: Double) -> Int { max(Int(target), 0) }
}

extension Targets {
  /// The targets in `y` for a network's outputs.
  ///
  /// - Parameters:
  ///   - known: the labels of the outputs, when an earlier training fixed them.
  ///   - allowsOneClass: evaluation may see a single class, training may not.
  init(
    _ y: Matrix, rows: Int, outputs: Int, loss: any Loss, known: [Double]?, at parameter: String,
    allowsOneClass: Bool = false
  ) throws {
    let y = try finite(y, at: parameter)
    guard y.rows == rows else {
      throw Problem(
        .shape, "one target a row of X is needed: \(rows)", at: parameter, label: y.label,
        help: y.columns == rows ? "samples are rows: transpose with '" : nil)
    }
    let takesClasses: Bool =
      switch loss.targets {
      case .classes: true
      case .sides: outputs > 1
      case .values, .shares: false
      }
    if takesClasses && y.columns == 1 {
      (matrix, classes) = try Self.classed(
        y, outputs: outputs, known: known, at: parameter, allowsOneClass: allowsOneClass)
      return
    }
    guard y.columns == outputs, !takesClasses || loss.includesSoftmax else {
      throw Self.wrongWidth(y, outputs, loss, at: parameter)
    }
    switch loss.targets {
    case .classes: try Self.checkProbabilities(y, at: parameter)
    case .shares:
      try Self.check(y, loss, "from 0 to 1", at: parameter) { $0 >= 0 && $0 <= 1 }
      if outputs == 1, y.elements.allSatisfy({ $0 == 0 || $0 == 1 }) { sides = [0, 1] }
    case .sides:
      try Self.check(y, loss, "-1 or 1", at: parameter) { abs($0) == 1 }
      sides = [-1, 1]
    case .values: break
    }
    matrix = y
    classes = nil
  }

  /// All targets must be of a kind that the loss understands.
  private static func check(
    _ y: Matrix, _ loss: any Loss, _ wanted: String, at parameter: String,
    _ fits: (Double) -> Bool
  ) throws {
    guard let place = y.elements.firstIndex(where: { !fits($0) }) else { return }
    let (row, column) = (place / y.columns, place % y.columns)
    throw Problem(
      .value,
      "\(loss.name) needs targets \(wanted); row \(row + 1), column \(column + 1) is "
        + NumberFormat.short(y[row, column]), at: parameter, label: y.label)
  }

  private static func wrongWidth(
    _ y: Matrix, _ outputs: Int, _ loss: any Loss, at parameter: String
  ) -> Problem {
    if case .sides = loss.targets, outputs > 1 {
      return Problem(
        .shape, "hinge with \(outputs) outputs needs a column of classes", at: parameter,
        label: y.label)
    }
    if loss.includesSoftmax {
      return Problem(
        .shape, "\(loss.name) needs a column of classes, or probabilities for \(outputs) outputs",
        at: parameter, label: y.label, help: "end the network with dense(\(y.columns), softmax)")
    }
    return Problem(
      .shape, "\(loss.name) compares \(outputs) outputs with as many columns", at: parameter,
      label: y.label,
      help: y.columns == 1
        ? "for classes end the network with dense(\(outputs), softmax), or turn them into columns "
          + "with one_hot(y)"
        : "end the network with dense(\(y.columns))")
  }

  /// The numbers of the classes of a column of labels, and the labels of the outputs.
  static func classed(
    _ y: Matrix, outputs: Int, known: [Double]?, at parameter: String, allowsOneClass: Bool
  ) throws -> (Matrix, [Double]) {
    let labels = y.elements
    if let row = labels.firstIndex(where: { $0 != $0.rounded() }) {
      throw Problem(
        .value, "classes are whole numbers; row \(row + 1) is \(NumberFormat.short(labels[row]))",
        at: parameter, label: y.label,
        help: "for a measured quantity end the network with dense(1) and use loss=\"mse\"")
    }
    let found = Set(labels).sorted()
    if found.count == 1 && !allowsOneClass && known == nil {
      throw Problem(
        .value, "at least two classes are needed; every label is \(NumberFormat.short(found[0]))",
        at: parameter, label: y.label)
    }
    let classes = try known ?? inferred(found, outputs: outputs, y, at: parameter)
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    if let row = labels.firstIndex(where: { places[$0] == nil }) {
      throw Problem(
        .value,
        "labels are among \(brief(classes)); row \(row + 1) is \(NumberFormat.short(labels[row]))",
        at: parameter, label: y.label)
    }
    return (Matrix(column: labels.map { Double(places[$0] ?? 0) }), classes)
  }

  /// Which label each output stands for. As many labels as outputs: the labels in order. Fewer:
  /// 0 to n−1 if there is a 0, else 1 to n.
  private static func inferred(
    _ found: [Double], outputs: Int, _ y: Matrix, at parameter: String
  ) throws -> [Double] {
    if found.count == outputs { return found }
    let label = "\(y.label) with labels \(brief(found))"
    let help = "end the network with dense(\(found.count), softmax)"
    let remedy = Problem.Remedy.replacing(
      "dense(\(outputs), softmax)", in: "net", with: "dense(\(found.count), softmax)")
    if found.count > outputs {
      throw Problem(
        .value, "\(outputs) outputs can't tell \(found.count) classes apart", at: parameter,
        label: label, help: help, remedy: remedy)
    }
    let first: Double = found.first == 0 ? 0 : 1
    let last = first + Double(outputs - 1)
    guard let least = found.first, let most = found.last, least >= first, most <= last else {
      let range = "from \(NumberFormat.short(first)) to \(NumberFormat.short(last))"
      throw Problem(
        .value, "\(outputs) outputs need labels \(range), or \(outputs) different ones",
        at: parameter, label: label, help: help, remedy: remedy)
    }
    return (0..<outputs).map { first + Double($0) }
  }

  private static func brief(_ labels: [Double]) -> String {
    let words = labels.map { NumberFormat.short($0) }
    return words.count <= 10
      ? words.joined(separator: ", ")
      : words.prefix(5).joined(separator: ", ") + ", …, " + (words.last ?? "")
  }

  private static func checkProbabilities(_ y: Matrix, at parameter: String) throws {
    if let place = y.firstNegative {
      let (row, column) = (place.row + 1, place.column + 1)
      let found = NumberFormat.short(y[place.row, place.column])
      throw Problem(
        .value, "probabilities are ≥ 0; row \(row), column \(column) is \(found)", at: parameter,
        label: y.label, help: "use loss=\"mse\" for values of any kind")
    }
    let sums = y.reduced(.sum, along: .columns).elements
    if let row = sums.firstIndex(where: { abs($0 - 1) > 1e-4 }) {
      let found = NumberFormat.short(sums[row])
      throw Problem(
        .value, "the probabilities of a row sum to 1; those of row \(row + 1) sum to \(found)",
        at: parameter, label: y.label, help: "give one column of classes, or one_hot(y)")
    }
  }
}
