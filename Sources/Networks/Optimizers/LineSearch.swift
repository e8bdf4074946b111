/// A search along a line for a step that satisfies the strong conditions of Wolfe: the value falls
/// enough, `f(t) ≤ f(0) + c₁ t f′(0)`, and the slope has flattened, `|f′(t)| ≤ c₂ |f′(0)|` (Nocedal &
/// Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6).
struct LineSearch<Payload> {
  /// What is known at a step: value, slope, and what the caller keeps of it.
  struct Point {
    var step: Double
    var value: Double
    var slope: Double
    var payload: Payload
  }

  let sufficient = 1e-4
  let flat = 0.9
  /// The value and the slope at 0; the slope is below 0.
  let start: (value: Double, slope: Double)
  let evaluate: (Double) throws -> Point
  private var left: Int

  init(
    from value: Double, slope: Double, evaluations: Int,
    evaluate: @escaping (Double) throws -> Point
  ) {
    start = (value, slope)
    left = evaluations
    self.evaluate = evaluate
  }

  private func fallsEnough(_ point: Point) -> Bool {
    point.value.isFinite && point.value <= start.value + sufficient * point.step * start.slope
  }

  private func isFlat(_ point: Point) -> Bool { abs(point.slope) <= -flat * start.slope }

  /// A point with both properties, else the best with the first; `nil` where nothing falls.
  mutating func find(first: Double) throws -> Point? {
    var step = first
    var before: Point?
    while left > 0 {
      left -= 1
      let point = try evaluate(step)
      if !fallsEnough(point) || before.map({ point.value >= $0.value }) ?? false {
        return try narrow(low: before, high: point)
      }
      if isFlat(point) { return point }
      if point.slope >= 0 { return try narrow(low: point, highStep: before?.step ?? 0) }
      let last = before?.step ?? 0
      let guess = before.flatMap { Self.lowest($0, point) } ?? 2 * step
      before = point
      step = min(max(guess, step + 0.1 * (step - last)), 4 * step)
    }
    return before
  }

  /// Narrows an interval that has such a step inside. `low` has the lowest value so far, `nil` is
  /// the start; the other end is worse, or beyond the lowest point.
  private mutating func narrow(low: Point?, high: Point? = nil, highStep: Double? = nil) throws
    -> Point?
  {
    var low = low
    var high = high
    var end = high?.step ?? highStep ?? 0
    while left > 0 {
      let origin = low?.step ?? 0
      let width = end - origin
      guard abs(width) > 1e-12 * max(origin, end) else { break }
      let guess = high.flatMap { other in
        other.value.isFinite
          ? Self.lowest(
            origin, low?.value ?? start.value, low?.slope ?? start.slope, other.step, other.value,
            other.slope) : nil
      }
      let part = min(max(((guess ?? .nan) - origin) / width, 0.1), 0.9)
      left -= 1
      let point = try evaluate(origin + (part.isFinite ? part : 0.5) * width)
      if !fallsEnough(point) || point.value >= low?.value ?? start.value {
        high = point
        end = point.step
        continue
      }
      if isFlat(point) { return point }
      if point.slope * width >= 0 {
        high = low
        end = origin
      }
      low = point
    }
    return low
  }

  private static func lowest(_ a: Point, _ b: Point) -> Double? {
    lowest(a.step, a.value, a.slope, b.step, b.value, b.slope)
  }

  /// Where the cubic with these values and slopes is lowest; `nil` where it has no lowest point.
  private static func lowest(
    _ a: Double, _ valueA: Double, _ slopeA: Double, _ b: Double, _ valueB: Double,
    _ slopeB: Double
  ) -> Double? {
    let d = slopeA + slopeB - 3 * (valueA - valueB) / (a - b)
    let square = d * d - slopeA * slopeB
    guard square >= 0 else { return nil }
    let root = b > a ? square.squareRoot() : -square.squareRoot()
    let result = b - (b - a) * (slopeB + root - d) / (slopeB - slopeA + 2 * root)
    return result.isFinite ? result : nil
  }
}
