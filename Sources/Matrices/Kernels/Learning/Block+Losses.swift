import Glibc

/// What a loss kernel found in some rows.
package struct LossSum: Sendable {
  /// The sum of the rows' losses.
  package var loss = 0.0
  /// Rows whose largest output is at the target's class.
  package var hits = 0

  package init() {}

  package static func += (a: inout LossSum, b: LossSum) {
    a.loss += b.loss
    a.hits += b.hits
  }
}

extension Block {
  /// The cross-entropy of `softmax(z)` against targets, with the softmax inside: a row costs
  /// `log Σⱼ exp zⱼ − Σⱼ tⱼ zⱼ`, its derivative is `softmax(z) − t`.
  ///
  /// `targets` holds one column with the number of the class, counted from 0, or one column for
  /// every class with its probability. Where `gradient` is given, it receives `scale` times the
  /// derivative; else this block is overwritten.
  package func crossEntropy(targets: Block, gradient: Block?, scale: Double) -> LossSum {
    assert(rows == targets.rows && (targets.columns == 1 || targets.columns == columns))
    switch precision {
    case .double: return crossEntropy(targets, gradient, scale, Double.self)
    case .single: return crossEntropy(targets, gradient, scale, Float.self)
    }
  }

  private func crossEntropy<S: Scalar>(
    _ targets: Block, _ gradient: Block?, _ scale: Double, _: S.Type
  ) -> LossSum {
    var sum = LossSum()
    let factor = S(scale)
    let isClass = targets.columns == 1
    for row in 0..<rows {
      let (z, t) = (self.row(row, S.self), targets.row(row, S.self))
      var best = 0
      for i in 1..<max(columns, 1) where z[i] > z[best] { best = i }
      let largest = z[best]
      let target: Int
      var picked = 0.0
      if isClass {
        target = Int(t[0])
        picked = Double(z[target] - largest)
      } else {
        var top = 0
        for i in 0..<columns {
          if t[i] > t[top] { top = i }
          if t[i] != 0 { picked += Double(t[i]) * Double(z[i] - largest) }
        }
        target = top
      }
      if best == target { sum.hits += 1 }
      // Without a gradient the powers overwrite `z`, which nobody needs any more.
      let powers = (gradient ?? self).row(row, S.self)
      let total = Kernels.exponentials(of: z, into: powers, columns).total
      if let gradient {
        let d = gradient.row(row, S.self)
        let share = factor / total
        if isClass {
          for i in 0..<columns { d[i] *= share }
          d[target] -= factor
        } else {
          for i in 0..<columns { d[i] = d[i] * share - factor * t[i] }
        }
      }
      sum.loss += log(Double(total)) - picked
    }
    return sum
  }

  /// The mean squared error against targets of the same shape: a row costs `Σⱼ (yⱼ − tⱼ)² / n`,
  /// its derivative is `2 (y − t) / n`, with n the number of columns.
  package func squaredError(targets: Block, gradient: Block?, scale: Double) -> LossSum {
    assert(rows == targets.rows && columns == targets.columns)
    switch precision {
    case .double: return squaredError(targets, gradient, scale, Double.self)
    case .single: return squaredError(targets, gradient, scale, Float.self)
    }
  }

  private func squaredError<S: Scalar>(
    _ targets: Block, _ gradient: Block?, _ scale: Double, _: S.Type
  ) -> LossSum {
    var sum = LossSum()
    let factor = S(2 * scale / Double(columns))
    for row in 0..<rows {
      let (y, t) = (self.row(row, S.self), targets.row(row, S.self))
      var (best, top) = (0, 0)
      var squares = 0.0
      for i in 0..<columns {
        if y[i] > y[best] { best = i }
        if t[i] > t[top] { top = i }
        let difference = Double(y[i] - t[i])
        squares += difference * difference
      }
      if best == top { sum.hits += 1 }
      if let gradient {
        let d = gradient.row(row, S.self)
        for i in 0..<columns { d[i] = factor * (y[i] - t[i]) }
      }
      sum.loss += squares / Double(columns)
    }
    return sum
  }

  /// A loss that is the mean of a cost of every output: `cost` gives it and its derivative in the
  /// output. With one output, a row is hit when output and target lie on the same side of their
  /// thresholds; with several, when both are largest in the same place.
  private func meanCost<S: Scalar>(
    _ targets: Block, _ gradient: Block?, _ scale: Double, _ thresholds: (Double, Double),
    _: S.Type, _ cost: (Double, Double) -> (cost: Double, slope: Double)
  ) -> LossSum {
    var sum = LossSum()
    let share = 1 / Double(columns)
    for row in 0..<rows {
      let (y, t) = (self.row(row, S.self), targets.row(row, S.self))
      let d = gradient?.row(row, S.self)
      var (best, top) = (0, 0)
      var total = 0.0
      for i in 0..<columns {
        if y[i] > y[best] { best = i }
        if t[i] > t[top] { top = i }
        let found = cost(Double(y[i]), Double(t[i]))
        total += found.cost
        d?[i] = S(found.slope * scale * share)
      }
      let isHit =
        columns == 1
        ? (Double(y[0]) > thresholds.0) == (Double(t[0]) > thresholds.1) : best == top
      if isHit { sum.hits += 1 }
      sum.loss += total * share
    }
    return sum
  }

  /// The mean of a cost of every output, by the name of its formula.
  package enum Cost: Sendable { case absolute, huber, logistic, hinge }

  /// Such a loss against targets of the same shape:
  /// - absolute `|y − t|`, with the derivative 0 where both are equal;
  /// - huber (1964) `½(y − t)²` up to a distance of 1, then `|y − t| − ½`;
  /// - logistic `log(1 + eᶻ) − t z`, the cross-entropy of `σ(z)`, with `σ(z) − t`;
  /// - hinge `max(0, 1 − t y)` for targets −1 and 1.
  package func meanCost(_ kind: Cost, targets: Block, gradient: Block?, scale: Double) -> LossSum {
    assert(rows == targets.rows && columns == targets.columns)
    switch precision {
    case .double: return meanCost(kind, targets, gradient, scale, Double.self)
    case .single: return meanCost(kind, targets, gradient, scale, Float.self)
    }
  }

  private func meanCost<S: Scalar>(
    _ kind: Cost, _ targets: Block, _ gradient: Block?, _ scale: Double, _: S.Type
  ) -> LossSum {
    switch kind {
    case .absolute:
      meanCost(targets, gradient, scale, (0.5, 0.5), S.self) { y, t in
        (abs(y - t), y > t ? 1 : y < t ? -1 : y - t)
      }
    case .huber:
      meanCost(targets, gradient, scale, (0.5, 0.5), S.self) { y, t in
        let r = y - t
        return abs(r) <= 1 ? (r * r / 2, r) : (abs(r) - 0.5, r > 0 ? 1 : r < 0 ? -1 : r)
      }
    case .logistic:
      meanCost(targets, gradient, scale, (0, 0.5), S.self) { z, t in
        let e = exp(-abs(z))
        return (max(z, 0) - z * t + log1p(e), (z >= 0 ? 1 / (1 + e) : e / (1 + e)) - t)
      }
    case .hinge:
      meanCost(targets, gradient, scale, (0, 0), S.self) { y, t in
        let rest = 1 - t * y
        return rest > 0 ? (rest, -t) : (rest.isNaN ? rest : 0, 0)
      }
    }
  }

  /// The hinge loss of scores for classes: `Σ_{j ≠ c} max(0, 1 − y_c + y_j) / n` (Weston & Watkins
  /// 1999), where the one column of `targets` holds c.
  package func classHinge(targets: Block, gradient: Block?, scale: Double) -> LossSum {
    switch precision {
    case .double: classHinge(targets, gradient, scale, Double.self)
    case .single: classHinge(targets, gradient, scale, Float.self)
    }
  }

  private func classHinge<S: Scalar>(
    _ targets: Block, _ gradient: Block?, _ scale: Double, _: S.Type
  ) -> LossSum {
    var sum = LossSum()
    let share = S(scale / Double(columns))
    for row in 0..<rows {
      let y = self.row(row, S.self)
      let target = Int(targets.row(row, S.self)[0])
      let d = gradient?.row(row, S.self)
      var best = 0
      var total = 0.0
      d?.update(repeating: 0, count: columns)
      for i in 0..<columns {
        if y[i] > y[best] { best = i }
        if i == target { continue }
        let rest = Double(1 - y[target] + y[i])
        if rest > 0 || rest.isNaN {
          total += rest
          d?[i] += share
          d?[target] -= share
        }
      }
      if best == target { sum.hits += 1 }
      sum.loss += total / Double(columns)
    }
    return sum
  }

  /// `Σ t log t` over all elements, with 0 log 0 = 0.
  package var sumOfOwnLogarithms: Double {
    switch precision {
    case .double: sumOfOwnLogarithms(Double.self)
    case .single: sumOfOwnLogarithms(Float.self)
    }
  }

  private func sumOfOwnLogarithms<S: Scalar>(_: S.Type) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let t = self.row(row, S.self)
      for i in 0..<columns where t[i] > 0 { total += Double(t[i]) * log(Double(t[i])) }
    }
    return total
  }
}
