/// Numbers that arrive one after the other, however many, in fixed memory: at most 1024 buckets of
/// equally many neighbours. When they are full, neighbours are merged two by two, each keeping its
/// smallest and largest number, so that a single spike among millions stays where it was and the
/// range stays exact. Appending costs O(1). The last thousand numbers are kept one by one too.
package struct SeriesStore: Sendable, Equatable {
  /// Some neighbouring numbers.
  package struct Bucket: Sendable, Equatable {
    package var first = Double.nan
    package var last = Double.nan
    package var minimum = Double.infinity
    package var maximum = -Double.infinity
    /// How many finite numbers there are.
    package var count = 0
    /// How many numbers were not finite.
    package var voids = 0

    package var isGap: Bool { count == 0 }
    var size: Int { count + voids }

    fileprivate mutating func append(_ value: Double) {
      guard value.isFinite else {
        voids += 1
        return
      }
      if count == 0 { first = value }
      last = value
      minimum = min(minimum, value)
      maximum = max(maximum, value)
      count += 1
    }

    fileprivate func merged(with next: Bucket) -> Bucket {
      Bucket(
        first: isGap ? next.first : first, last: next.isGap ? last : next.last,
        minimum: min(minimum, next.minimum), maximum: max(maximum, next.maximum),
        count: count + next.count, voids: voids + next.voids)
    }
  }

  package static let capacity = 1024
  package static let recentCapacity = 1000

  package private(set) var buckets: [Bucket] = []
  /// How many numbers a full bucket holds: a power of two.
  package private(set) var span = 1
  /// How many numbers arrived.
  package private(set) var count = 0
  /// How many of them were not finite.
  package private(set) var voids = 0
  private var ring: [Double] = []
  private var oldest = 0

  package init() {}

  /// All numbers of an array.
  package init(_ values: [Double]) {
    for value in values { append(value) }
  }

  /// Adds the next number; NaN where a step has none.
  package mutating func append(_ value: Double) {
    count += 1
    if !value.isFinite { voids += 1 }
    if ring.count < Self.recentCapacity {
      ring.append(value)
    } else {
      ring[oldest] = value
      oldest = oldest + 1 == Self.recentCapacity ? 0 : oldest + 1
    }
    if let last = buckets.last, last.size < span {
      buckets[buckets.count - 1].append(value)
      return
    }
    if buckets.count == Self.capacity { mergeNeighbours() }
    var bucket = Bucket()
    bucket.append(value)
    buckets.append(bucket)
  }

  private mutating func mergeNeighbours() {
    for place in 0..<Self.capacity / 2 {
      buckets[place] = buckets[2 * place].merged(with: buckets[2 * place + 1])
    }
    buckets.removeLast(Self.capacity / 2)
    span *= 2
  }

  /// The last numbers, oldest first.
  package var recent: [Double] { Array(ring[oldest...] + ring[..<oldest]) }

  /// The newest number.
  package var last: Double? {
    ring.isEmpty ? nil : ring[oldest == 0 ? ring.count - 1 : oldest - 1]
  }

  /// The smallest and largest finite number.
  package var bounds: ClosedRange<Double>? {
    let full = buckets.filter { !$0.isGap }
    guard let low = full.map(\.minimum).min(), let high = full.map(\.maximum).max() else {
      return nil
    }
    return low...high
  }

  /// The curve as points, numbered from 1: every bucket contributes its first number, its extremes
  /// and its last, in one place.
  package var points: [PlotPoint] {
    var points: [PlotPoint] = []
    points.reserveCapacity(span == 1 ? buckets.count : 4 * buckets.count)
    for (place, bucket) in buckets.enumerated() {
      let x = Double(place * span) + Double(bucket.size + 1) / 2
      if bucket.isGap {
        points.append(PlotPoint(x: x, y: .nan))
      } else if bucket.size == 1 {
        points.append(PlotPoint(x: x, y: bucket.last))
      } else {
        for y in [bucket.first, bucket.minimum, bucket.maximum, bucket.last] {
          points.append(PlotPoint(x: x, y: y))
        }
      }
    }
    return points
  }
}
