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
}
