import KernelTables

/// Lines of explicit ratings.
extension Kernels {
  /// Some steps of conjugate gradients on the normal equations of a line, which are never formed, from
  /// where p and b are. The rest of the equations is kept as the steps go, so that n steps walk the
  /// entries n + 1 times (Takács, Pilászy & Tikk, RecSys 2011). Returns `Σ (t − p·q − b)²` over the
  /// entries afterwards where it `measures`, which takes half a walk; 0 otherwise; infinity where
  /// squares left the range of the arithmetic.
  static func approachRidge<S: VectorScalar>(_ line: RidgeLine<S>, steps: Int, measures: Bool)
    -> Double
  {
    guard let places = line.places, let values = line.values else { return 0 }
    let stride = line.stride
    let entries = LineEntries(
      factor: line.factor, places: line.places, count: line.count, stride: stride)
    let (p, targets) = (line.p, line.targets)
    for i in 0..<line.count { targets[i] = S(values[i]) - line.offsets[Int(places[i])] }
    let (rest, direction, image) = (line.room, line.room + stride, line.room + 2 * stride)
    let (penalty, biasPenalty) = (S(line.penalty), S(line.biasPenalty))
    let solvesBias = line.solvesBias
    var bias = line.solvesBias ? line.bias.pointee : 0
    scale(UnsafePointer(p), by: -penalty, into: rest, stride)
    let known = SIMD4(repeating: bias)
    @inline(__always) func left(_ first: Int, _: Int, _ products: SIMD4<S>) -> SIMD4<S> {
      four(targets, first) - (products + known)
    }
    var restBias = addEntries(entries, UnsafePointer(p), to: rest, left)
    restBias = solvesBias ? restBias - biasPenalty * bias : 0
    direction.update(from: rest, count: stride)
    var directionBias = restBias
    var square = dot(UnsafePointer(rest), UnsafePointer(rest), stride) + restBias * restBias
    for _ in 0..<steps where square > 1e-28 {
      let ahead = UnsafePointer(direction)
      scale(ahead, by: penalty, into: image, stride)
      let along = SIMD4(repeating: directionBias)
      @inline(__always) func changed(_: Int, _: Int, _ products: SIMD4<S>) -> SIMD4<S> {
        products + along
      }
      var imageBias = addEntries(entries, ahead, to: image, changed)
      imageBias = solvesBias ? imageBias + biasPenalty * directionBias : 0
      let length = square / (dot(ahead, UnsafePointer(image), stride) + directionBias * imageBias)
      guard length.isFinite else { break }
      add(length, ahead, to: p, stride)
      bias += length * directionBias
      add(-length, UnsafePointer(image), to: rest, stride)
      restBias -= length * imageBias
      let next = dot(UnsafePointer(rest), UnsafePointer(rest), stride) + restBias * restBias
      let share = next / square
      turn(direction, keeping: share, to: UnsafePointer(rest), stride)
      directionBias = restBias + share * directionBias
      square = next
    }
    line.bias.pointee = bias
    // Equations beyond the range of the arithmetic have not been solved.
    guard square.isFinite else { return .infinity }
    return measures ? squares(entries, UnsafePointer(p), targets, bias) : 0
  }

  /// `Σ (t − p·q − b)²`.
  @inline(__always)
  private static func squares<S: VectorScalar>(
    _ entries: LineEntries<S>, _ p: UnsafePointer<S>, _ targets: UnsafeMutablePointer<S>,
    _ bias: S
  ) -> Double {
    var sums = SIMD4<S>()
    let known = SIMD4(repeating: bias)
    var i = 0
    while i < entries.count {
      var rest = four(targets, i) - (products(entries.four(from: i), p, entries.stride) + known)
      let left = entries.count &- i
      if left < 4 { rest.replace(with: 0, where: SIMD4(0, 1, 2, 3) .>= S(left)) }
      sums += rest * rest
      i &+= 4
    }
    return Double((sums[0] + sums[1]) + (sums[2] + sums[3]))
  }

  @inline(__always)
  private static func four<S: VectorScalar>(_ x: UnsafeMutablePointer<S>, _ first: Int) -> SIMD4<S>
  {
    UnsafeRawPointer(x + first).loadUnaligned(as: SIMD4<S>.self)
  }
}
