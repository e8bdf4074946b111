/// What one pass over a matrix tells about its numbers.
package struct MatrixStatistics: Sendable, Equatable {
  /// The smallest and largest number, NaN apart; `nil` when there is no number.
  package var minimum: Double?
  package var maximum: Double?
  /// The sum of the numbers, NaN apart.
  package var sum = 0.0
  package var nanCount = 0
  package var count = 0

  /// The mean of the numbers, NaN apart; `nil` when there is none.
  package var mean: Double? { count > nanCount ? sum / Double(count - nanCount) : nil }

  mutating func merge(_ other: MatrixStatistics) {
    if let low = other.minimum { minimum = Swift.min(minimum ?? low, low) }
    if let high = other.maximum { maximum = Swift.max(maximum ?? high, high) }
    sum += other.sum
    nanCount += other.nanCount
    count += other.count
  }
}

extension Matrix {
  /// Smallest, largest, mean and the number of NaN, in one pass; sums are in 64 bits.
  package var statistics: MatrixStatistics {
    switch precision {
    case .double: read(Double.self) { Kernels.statistics($0, count) }
    case .single: read(Float.self) { Kernels.statistics($0, count) }
    }
  }
}

extension Kernels {
  fileprivate static func statistics<S: Scalar>(_ source: UnsafePointer<S>, _ count: Int)
    -> MatrixStatistics
  {
    let pieces = (count + chunk - 1) / chunk
    var parts = [MatrixStatistics](repeating: MatrixStatistics(), count: pieces)
    parts.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = parts
      ThreadPool.shared.run(pieces) { piece in
        parts[piece] = statistics(source, piece * chunk..<min(count, (piece + 1) * chunk))
      }
    }
    return parts.reduce(into: MatrixStatistics()) { $0.merge($1) }
  }

  private static func statistics<S: Scalar>(_ source: UnsafePointer<S>, _ range: Range<Int>)
    -> MatrixStatistics
  {
    var (low, high) = (S.infinity, -S.infinity)
    var sum = 0.0
    var missing = 0
    for i in range {
      let number = source[i]
      if number.isNaN {
        missing += 1
      } else {
        low = number < low ? number : low
        high = number > high ? number : high
        sum += Double(number)
      }
    }
    let some = missing < range.count
    return MatrixStatistics(
      minimum: some ? Double(low) : nil, maximum: some ? Double(high) : nil, sum: sum,
      nanCount: missing, count: range.count)
  }
}
