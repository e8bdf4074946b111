import Glibc
import Matrices

/// A point of a curve; a `y` that cannot be drawn is a gap.
package struct PlotPoint: Equatable, Sendable {
  package var x: Double
  package var y: Double

  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// Where numbers lie on a grid of dots.
package struct PlotScale {
  package var x: ClosedRange<Double>
  package var y: ClosedRange<Double>
  package var isLogarithmic = false
  package var width: Int
  package var height: Int

  package init(
    x: ClosedRange<Double>, y: ClosedRange<Double>, logarithmic: Bool = false, width: Int,
    height: Int
  ) {
    self.x = x
    self.y = y
    isLogarithmic = logarithmic
    self.width = width
    self.height = height
  }

  /// The column of dots of a number, which may lie outside.
  package func column(_ value: Double) -> Int { Self.place(value, x, width) }

  /// The row of dots of a number, or `nil` where it has none. Numbers beyond the range lie on its
  /// edge.
  package func row(_ value: Double) -> Int? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    let place =
      isLogarithmic
      ? Self.place(log10(value), log10(y.lowerBound)...log10(y.upperBound), height)
      : Self.place(value, y, height)
    return height - 1 - min(max(place, 0), height - 1)
  }

  private static func place(_ value: Double, _ range: ClosedRange<Double>, _ count: Int) -> Int {
    let extent = range.upperBound - range.lowerBound
    guard extent > 0 else { return count / 2 }
    let part = (value - range.lowerBound) / extent
    return Int((min(max(part, -1e6), 1e6) * Double(count - 1)).rounded())
  }

  /// The range for an axis: a little more than the numbers take; not below zero for numbers that
  /// are not; never empty.
  static func padded(_ bounds: ClosedRange<Double>, logarithmic: Bool) -> ClosedRange<Double> {
    let (low, high) = (bounds.lowerBound, bounds.upperBound)
    if logarithmic {
      let ratio = max(pow(high / low, 0.05), 1.02)
      return max(low / ratio, .leastNormalMagnitude)...min(high * ratio, .greatestFiniteMagnitude)
    }
    var margin = (high - low) * 0.05
    if margin == 0 { margin = max(abs(high) * 0.05, 1e-9) }
    guard margin.isFinite else { return low...high }
    return (low >= 0 ? max(0, low - margin) : low - margin)...(high + margin)
  }
}

/// Round numbers along an axis: steps of 1, 2 or 5 times a power of ten.
package struct Ticks: Sendable, Equatable {
  package var values: [Double]
  package var labels: [String]

  /// At most `limit` ticks in a range.
  package static func linear(_ range: ClosedRange<Double>, limit: Int) -> Ticks {
    let extent = range.upperBound - range.lowerBound
    guard limit > 0, extent > 0, extent.isFinite else { return Ticks(values: [], labels: []) }
    let ends = { (step: Double) in
      (
        first: (range.lowerBound / step).rounded(.up),
        last: (range.upperBound / step).rounded(.down)
      )
    }
    var step = niceStep(extent / Double(limit + 1))
    while ends(step).last - ends(step).first + 1 > Double(limit) {
      let wider = niceStep(step * 1.01)
      // A single tick says nothing about the scale: rather one too many than one.
      if ends(wider).last - ends(wider).first < 1 { break }
      step = wider
    }
    let first = ends(step).first
    let count = Int(ends(step).last - first) + 1
    let values = (0..<max(count, 0)).map { (first + Double($0)) * step }
    return Ticks(values: values, labels: values.map { label($0, step: step) })
  }

  /// At most `limit` ticks in a range above zero: powers of ten, and 2 and 5 times those where
  /// there is room.
  package static func logarithmic(_ range: ClosedRange<Double>, limit: Int) -> Ticks {
    guard limit > 0, range.lowerBound > 0 else { return Ticks(values: [], labels: []) }
    let low = Int(log10(range.lowerBound).rounded(.down))
    let high = Int(log10(range.upperBound).rounded(.up))
    for factors in [[1.0, 2, 5], [1.0, 3], [1.0]] {
      let values = (low...high).flatMap { exponent in
        factors.map { $0 * pow(10, Double(exponent)) }
      }.filter(range.contains)
      if values.count <= limit && values.count >= 2 { return labelled(values) }
    }
    let decades = (low...high).map { pow(10, Double($0)) }.filter(range.contains)
    guard decades.count >= 2 else { return linear(range, limit: limit) }
    let stride = (decades.count + limit - 1) / limit
    return labelled(decades.enumerated().filter { $0.offset % stride == 0 }.map(\.element))
  }

  private static func labelled(_ values: [Double]) -> Ticks {
    Ticks(values: values, labels: values.map { NumberFormat.short($0, digits: 3) })
  }

  /// The smallest of 1, 2, 5, 10 … that is at least a number.
  package static func niceStep(_ value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    for factor in [1.0, 2, 5, 10] where factor * power >= value * (1 - 1e-9) {
      return factor * power
    }
    return 10 * power
  }

  private static func label(_ value: Double, step: Double) -> String {
    let largest = max(abs(value), step)
    if largest >= 1e6 || step < 1e-4 {
      return abs(value) < step / 2 ? "0" : NumberFormat.short(value, digits: 3)
    }
    let decimals = max(0, Int(-log10(step * 1.000001).rounded(.down)))
    return NumberFormat.fixed(value == 0 ? 0 : value, decimals: decimals)
  }
}
