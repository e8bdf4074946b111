import Matrices
import Vocabulary

/// How often each class was taken for each: rows are the true classes, columns the predicted ones.
package final class Confusion: Object {
  /// The labels of rows and columns, in order.
  package let classes: [Double]
  package let counts: Matrix

  /// From the places of the classes, row by row.
  package init(classes: [Double], truth: [Int], predicted: [Int]) {
    self.classes = classes
    var counts = Matrix.zeros(classes.count, classes.count)
    for (row, column) in zip(truth, predicted) { counts[row, column] += 1 }
    self.counts = counts
  }

  // MARK: Numbers

  /// Right ones, all that were predicted, all that are true, for each class.
  private var tallies: [(right: Double, predicted: Double, truth: Double)] {
    let predicted = counts.reduced(.sum, along: .rows).elements
    let truth = counts.reduced(.sum, along: .columns).elements
    return classes.indices.map { (counts[$0, $0], predicted[$0], truth[$0]) }
  }

  private var total: Double { counts.total(.sum) }

  package var accuracy: Double { tallies.reduce(0) { $0 + $1.right } / total }

  /// What is asked of each class.
  package enum Score: String, Sendable, CaseIterable {
    /// The part of what was predicted that is right.
    case precision
    /// The part of what is true that was found.
    case recall
    /// Their harmonic mean.
    case f1
  }

  /// How the numbers of the classes become one.
  package enum Average: String, Sendable, CaseIterable { case macro, micro, weighted, none }

  private static func value(_ score: Score, _ right: Double, _ predicted: Double, _ truth: Double)
    -> Double
  {
    let divisor =
      switch score {
      case .precision: predicted
      case .recall: truth
      case .f1: (predicted + truth) / 2
      }
    return divisor > 0 ? right / divisor : 0
  }

  /// A number for every class; 0 where nothing can be said.
  package func scores(_ score: Score) -> [Double] {
    tallies.map { Self.value(score, $0.right, $0.predicted, $0.truth) }
  }

  /// One number over the classes that occur, among the true ones or the predicted ones.
  package func score(_ score: Score, _ average: Average) -> Double {
    let scores = zip(scores(score), tallies)
    switch average {
    case .micro: return accuracy
    case .weighted: return scores.reduce(0) { $0 + $1.0 * $1.1.truth } / total
    case .macro, .none:
      let present = scores.filter { $0.1.predicted + $0.1.truth > 0 }
      return present.reduce(0) { $0 + $1.0 } / Double(max(present.count, 1))
    }
  }

  // MARK: As a value

  package let kind = "confusion"
  package let fieldNames = ["counts", "classes", "accuracy", "precision", "recall", "f1"]

  package func field(_ name: String) -> Value? {
    switch name {
    case "counts": return .matrix(named)
    case "classes": return .matrix(Matrix(column: classes))
    case "accuracy": return .number(accuracy)
    default: return Score(rawValue: name).map { .matrix(Matrix(column: scores($0))) }
    }
  }

  private var labels: [String] { classes.map { NumberFormat.short($0) } }

  private var named: Matrix {
    var result = counts
    result.columnNames = labels
    return result
  }

  private static let shades: [Character] = [" ", "░", "▒", "▓", "█"]

  /// A table whose cells are shaded by the part of their row that they hold.
  package func summary(width: Int) -> String {
    let scores = Score.allCases.map { ($0.rawValue, self.scores($0)) }
    let cell = max(
      2, (labels + counts.elements.map { NumberFormat.short($0) }).map(\.count).max() ?? 1)
    let name = max(4, labels.map(\.count).max() ?? 1)
    func padded(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let sums = counts.reduced(.sum, along: .columns).elements
    let fits = max(1, (width - name - 2) / (cell + 2))
    let shown = min(classes.count, fits)
    let isCut = shown < classes.count
    var lines = [
      "confusion of \(NumberFormat.short(total)) rows, accuracy "
        + NumberFormat.short(accuracy, digits: 4),
      padded("true", name + 1)
        + labels.prefix(shown).map { padded($0, cell + 1) + " " }.joined() + (isCut ? "…" : ""),
    ]
    let hasScores = !isCut && width >= name + 1 + classes.count * (cell + 2) + 27
    if hasScores { lines[1] += scores.map { padded($0.0, 9) }.joined() }
    for (row, label) in labels.enumerated() {
      var line = padded(label, name + 1)
      for column in 0..<shown {
        let count = counts[row, column]
        let part = sums[row] > 0 ? count / sums[row] : 0
        let shade = Self.shades[min(Int((part * 4).rounded(.up)), 4)]
        line += padded(count == 0 ? "·" : NumberFormat.short(count), cell + 1) + String(shade)
      }
      if hasScores {
        line += scores.map { padded(NumberFormat.fixed($0.1[row], decimals: 3), 9) }.joined()
      }
      while line.last == " " { line.removeLast() }
      lines.append(line)
    }
    return lines.map { $0.count > width ? String($0.prefix(max(width - 1, 0))) + "…" : $0 }
      .joined(separator: "\n")
  }
}

extension Confusion: Argument, Returnable {
  package static var takes: String { "confusion" }
  package static func from(_ value: Value) -> Confusion? {
    if case .object(let object) = value { object as? Confusion } else { nil }
  }
  package var value: Value { .object(self) }
}
