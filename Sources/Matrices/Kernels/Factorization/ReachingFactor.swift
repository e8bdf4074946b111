/// A factor F of a run whose steps reach ahead: the next one starts from
/// `Y = F + momentum · (F − before)`, held within limits.
///
/// The rows of Y are made of both where they are asked for, so that there are never more than two
/// matrices of the size of F. A step writes over the one before, and can be taken back once.
package struct ReachingFactor: Sendable {
  /// F, row after row.
  package private(set) var now: Matrix
  /// Of the shape of F once a step has reached ahead; anything where `momentum` is 0.
  private(set) var before: Matrix
  package private(set) var momentum = 0.0
  /// The limits of Y; `nil`: none.
  private(set) var limits: FactorTerms?

  /// A factor that reaches nowhere yet.
  package init(_ factor: Matrix) {
    now = factor.rowMajor()
    before = Matrix(uninitialized: Shape(0, factor.columns), factor.precision)
  }

  package var shape: Shape { now.shape }

  /// Y.
  package var ahead: Matrix {
    guard momentum != 0 else { return now }
    let ahead = now.extrapolated(from: before, by: momentum, clamped: limits?.lowest == 0)
    return limits.map { ahead.within($0) } ?? ahead
  }

  /// Whether a row of Y is more than what its own entries tell.
  package var needsAll: Bool { momentum != 0 && limits?.rowsSumToOne == true }

  /// Y in the memory of what is no longer needed, and nothing else.
  package mutating func settle() -> Matrix {
    guard momentum != 0 else { return take(&now) }
    if needsAll { return ahead }
    var result = take(&before)
    switch now.precision {
    case .double: write(into: &result, Double.self)
    case .single: write(into: &result, Float.self)
    }
    momentum = 0
    _ = take(&now)
    return result
  }

  private func take(_ matrix: inout Matrix) -> Matrix {
    var taken = Matrix(uninitialized: Shape(0, matrix.columns), matrix.precision)
    swap(&taken, &matrix)
    return taken
  }

  /// `result`, which is F before, becomes Y.
  private func write<S: Scalar>(into result: inout Matrix, _: S.Type) {
    let columns = now.columns
    result.write(S.self) { target in
      now.read(S.self) { now in
        let rows = ReachedRows(now, UnsafePointer(target), self)
        ThreadPool.shared.run(shape.rows, by: max(1, Kernels.chunk / max(columns, 1))) { range in
          rows.write(range, to: target + range.lowerBound * columns, stride: columns)
        }
      }
    }
  }

  /// Takes the next F and how far it reaches.
  package mutating func move(to next: Matrix, by momentum: Double, within limits: FactorTerms?) {
    before = now
    now = next.rowMajor()
    (self.momentum, self.limits) = (momentum, limits)
  }

  /// Goes back to F before the last step that reached ahead, and reaches nowhere.
  package mutating func takeBack() {
    swap(&now, &before)
    momentum = 0
  }

  /// Stays where it is.
  package mutating func rest() { momentum = 0 }

  /// Hands the memory of F before to a step, or that of F where nothing reaches ahead.
  mutating func lend(reaches: Bool) -> Matrix {
    if !reaches { return take(&now) }
    if before.shape != now.shape { before = Matrix(uninitialized: now.shape, now.precision) }
    return take(&before)
  }

  /// Takes it back as the next F.
  mutating func accept(_ next: inout Matrix, _ reach: DescentPlan.Reach?) {
    swap(&now, &next)
    if let reach {
      swap(&before, &next)
      (momentum, limits) = (reach.momentum, reach.limits)
    }
  }

  /// Calls `body` with what makes rows of Y, all in the precision of F.
  func read<S: Scalar, R>(_: S.Type, _ body: (ReachedRows<S>) -> R) -> R {
    now.read(S.self) { now in
      before.read(S.self) { before in body(ReachedRows(now, before, self)) }
    }
  }

  /// Y with rows padded with zeros to whole vectors: itself where they are whole.
  func padded<S: Scalar>(_: S.Type) -> Matrix {
    let stride = Kernels.paddedStride(shape.columns, S.precision)
    if momentum == 0 { return Kernels.padded(now, S.self) }
    // A matrix, whose memory is kept for the next product.
    var result = Matrix(uninitialized: Shape(shape.rows, stride), S.precision)
    result.write(S.self) { target in
      read(S.self) { rows in
        ThreadPool.shared.run(shape.rows, by: max(1, Kernels.chunk / stride)) { range in
          rows.write(range, to: target + range.lowerBound * stride, stride: stride)
        }
      }
    }
    return result
  }
}

/// What makes rows of Y.
struct ReachedRows<S: Scalar> {
  let now: UnsafePointer<S>
  private let before: UnsafePointer<S>
  private let columns: Int
  private let momentum: S
  private let lowest: S
  private let highest: S

  init(_ now: UnsafePointer<S>, _ before: UnsafePointer<S>, _ factor: ReachingFactor) {
    self.init(
      now, before, columns: factor.shape.columns, momentum: factor.momentum, limits: factor.limits)
  }

  init(
    _ now: UnsafePointer<S>, _ before: UnsafePointer<S>, columns: Int, momentum: Double,
    limits: FactorTerms?
  ) {
    (self.now, self.before, self.columns) = (now, before, columns)
    self.momentum = S(momentum)
    lowest = S(limits?.lowest ?? -.infinity)
    highest = S(limits?.highest ?? .infinity)
  }

  /// Whether Y is F.
  var isStill: Bool { momentum == 0 }

  /// Writes some rows, with zeros behind them up to `stride`; the place of `before` is allowed.
  @inline(__always)
  func write(_ rows: Range<Int>, to target: UnsafeMutablePointer<S>, stride: Int) {
    let first = rows.lowerBound * columns
    if stride == columns { return write(first, rows.count * columns, to: target) }
    for row in 0..<rows.count {
      let line = target + row * stride
      write(first + row * columns, columns, to: line)
      (line + columns).update(repeating: 0, count: stride - columns)
    }
  }

  /// Writes numbers that lie together.
  @inline(__always)
  private func write(_ first: Int, _ count: Int, to target: UnsafeMutablePointer<S>) {
    let (new, old) = (now + first, before + first)
    if momentum == 0 { return target.update(from: new, count: count) }
    let width = S.Vector.scalarCount
    let factor = S.Vector(repeating: momentum)
    let (floor, ceiling) = (S.Vector(repeating: lowest), S.Vector(repeating: highest))
    var i = 0
    while i < count {
      let lanes = min(width, count - i)
      let x = loadPart(new, i, lanes)
      let value = x.addingProduct(factor, x - loadPart(old, i, lanes))
      storePart(S.smaller(S.larger(value, floor), ceiling), target, i, lanes)
      i += width
    }
  }
}
