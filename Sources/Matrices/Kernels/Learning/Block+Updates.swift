import KernelTables

extension Block {
  /// One step of Adam (Kingma & Ba, ICLR 2015) on all elements, in one pass:
  /// `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `x ← x − η (m/c₁) / (√(v/c₂) + ε)`, where
  /// `c₁ = 1 − β₁ᵗ` and `c₂ = 1 − β₂ᵗ`. All blocks are 1×n without gaps.
  package func adam(
    gradient: Block, mean: Block, square: Block, rate: Double, decay: (Double, Double),
    epsilon: Double, correction: (Double, Double)
  ) {
    switch precision {
    case .double: adam(gradient, mean, square, rate, decay, epsilon, correction, Double.self)
    case .single: adam(gradient, mean, square, rate, decay, epsilon, correction, Float.self)
    }
  }

  private func adam<S: Scalar>(
    _ gradient: Block, _ mean: Block, _ square: Block, _ rate: Double, _ decay: (Double, Double),
    _ epsilon: Double, _ correction: (Double, Double), _: S.Type
  ) {
    S.chosenKernels.adam(
      pointer(S.self), gradient.pointer(S.self), mean.pointer(S.self), square.pointer(S.self),
      count,
      AdamStep(
        keepMean: decay.0, takeMean: 1 - decay.0, keepSquare: decay.1, takeSquare: 1 - decay.1,
        step: rate / correction.0, root: 1 / correction.1.squareRoot(), floor: epsilon))
  }

  /// One step of gradient descent: `x ← x − ηg`. Both blocks are 1×n without gaps.
  package func descend(gradient: Block, rate: Double) {
    switch precision {
    case .double: descend(gradient, rate, Double.self)
    case .single: descend(gradient, rate, Float.self)
    }
  }

  private func descend<S: Scalar>(_ gradient: Block, _ rate: Double, _: S.Type) {
    let (x, g, step) = (pointer(S.self), gradient.pointer(S.self), S(rate))
    for i in 0..<count { x[i].addProduct(-step, g[i]) }
  }

  /// One step with momentum: `v ← ρv + g`, then `x ← x − ηv`, or, looking ahead (Nesterov 1983),
  /// `x ← x − η(g + ρv)`. All blocks are 1×n without gaps.
  package func descend(
    gradient: Block, velocity: Block, rate: Double, momentum: Double, looksAhead: Bool
  ) {
    switch precision {
    case .double: descend(gradient, velocity, rate, momentum, looksAhead, Double.self)
    case .single: descend(gradient, velocity, rate, momentum, looksAhead, Float.self)
    }
  }

  private func descend<S: Scalar>(
    _ gradient: Block, _ velocity: Block, _ rate: Double, _ momentum: Double, _ looksAhead: Bool,
    _: S.Type
  ) {
    let (x, g, v) = (pointer(S.self), gradient.pointer(S.self), velocity.pointer(S.self))
    let (step, keep) = (S(rate), S(momentum))
    if looksAhead {
      for i in 0..<count {
        let speed = g[i].addingProduct(keep, v[i])
        v[i] = speed
        x[i].addProduct(-step, g[i].addingProduct(keep, speed))
      }
    } else {
      for i in 0..<count {
        let speed = g[i].addingProduct(keep, v[i])
        v[i] = speed
        x[i].addProduct(-step, speed)
      }
    }
  }

  /// One step that divides by the root of a sum of squares: `v ← keep·v + take·g²`,
  /// `x ← x − η g / (√v + ε)`. All blocks are 1×n without gaps.
  package func descendByRoots(
    gradient: Block, square: Block, rate: Double, keep: Double, take: Double, epsilon: Double
  ) {
    switch precision {
    case .double: descendByRoots(gradient, square, rate, keep, take, epsilon, Double.self)
    case .single: descendByRoots(gradient, square, rate, keep, take, epsilon, Float.self)
    }
  }

  private func descendByRoots<S: Scalar>(
    _ gradient: Block, _ square: Block, _ rate: Double, _ keep: Double, _ take: Double,
    _ epsilon: Double, _: S.Type
  ) {
    let (x, g, v) = (pointer(S.self), gradient.pointer(S.self), square.pointer(S.self))
    let (step, floor) = (S(rate), S(epsilon))
    let (kept, taken) = (S(keep), S(take))
    var i = 0
    while i < count {
      let lanes = min(S.Vector.scalarCount, count - i)
      let slope = loadPart(UnsafePointer(g), i, lanes)
      let sum = (taken * slope * slope).addingProduct(kept, loadPart(UnsafePointer(v), i, lanes))
      storePart(sum, v, i, lanes)
      storePart(
        loadPart(UnsafePointer(x), i, lanes) - step * slope / (sum.squareRoot() + floor), x, i,
        lanes)
      i += lanes
    }
  }
}
