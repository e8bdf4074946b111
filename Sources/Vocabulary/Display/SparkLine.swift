import Glibc
import Matrices

/// A curve in one line of text, for summaries: `█▆▅▃▂▂▁▁`.
package enum SparkLine {
  /// The numbers as at most `width` columns. Where several fall on one column, the one that
  /// stands out most is shown, so that a spike is never lost; what is not finite is a gap.
  /// `logarithmic` suits an objective that falls by orders of magnitude; it is ignored unless
  /// every number is above zero.
  package static func text(
    of values: [Double], width: Int, logarithmic: Bool = false, unicode: Bool = true
  ) -> String {
    let finite = values.filter(\.isFinite)
    guard width > 0, let least = finite.min(), let most = finite.max() else { return "" }
    let usesLogarithm = logarithmic && least > 0
    let scaled = { (value: Double) in usesLogarithm ? log(value) : value }
    let (low, high) = (scaled(least), scaled(most))
    let middle = finite.reduce(0) { $0 + scaled($1) / Double(finite.count) }
    let columns = min(width, values.count)
    let levels = unicode ? blocks : letters
    var line = ""
    for column in 0..<columns {
      let range = column * values.count / columns..<(column + 1) * values.count / columns
      let here = values[range].filter(\.isFinite).map(scaled)
      guard let value = here.max(by: { abs($0 - middle) < abs($1 - middle) }) else {
        line.append(" ")
        continue
      }
      let part = high > low ? (value - low) / (high - low) : 0.5
      line.append(levels[min(levels.count - 1, Int(part * Double(levels.count)))])
    }
    return line
  }

  private static let blocks = Array("▁▂▃▄▅▆▇█")
  private static let letters = Array("_.-:=+*#")
}
