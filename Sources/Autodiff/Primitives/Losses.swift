import Matrices

/// What a network is to make small: the mean over the rows of a cost of outputs and targets.
package protocol Loss: Sendable {
  var name: String { get }
  /// The activation of the last layer that is part of the loss, so that outputs come without it.
  var absorbs: Activation? { get }
  /// What it is compared with.
  var targets: LossTargets { get }
  /// The sum of the rows' costs; `gradient`, where given, receives `scale` times its derivative in
  /// the outputs.
  func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double) -> LossSum
}

/// What a loss compares outputs with.
package enum LossTargets: Sendable {
  /// Any numbers, one for every output.
  case values
  /// Classes, or probabilities of them.
  case classes
  /// Numbers from 0 to 1, one for every output.
  case shares
  /// −1 and 1 for one output, a class for several.
  case sides
}

extension Loss {
  package var absorbs: Activation? { nil }
  /// Whether it compares probabilities of classes.
  package var includesSoftmax: Bool { absorbs == .softmax }
  package var targets: LossTargets { includesSoftmax ? .classes : .values }
  /// Whether it tells right from wrong, so that accuracy means something.
  package var classifies: Bool {
    if case .values = targets { false } else { true }
  }
}

/// All losses, in the order in which they are listed.
package let losses: [any Loss] = [
  CrossEntropy(), BinaryCrossEntropy(), KullbackLeibler(), MeanSquaredError(), MeanAbsoluteError(),
  Huber(), Hinge(),
]

/// `−Σⱼ tⱼ log softmax(z)ⱼ`, with `dz = softmax(z) − t`. Softmax and logarithm are taken together:
/// probabilities too small for a number still have a finite cost.
package struct CrossEntropy: Loss {
  package let name = "crossentropy"
  package let absorbs: Activation? = .softmax

  package init() {}

  package func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double)
    -> LossSum
  { outputs.crossEntropy(targets: targets, gradient: gradient, scale: scale) }
}

/// `Σⱼ (yⱼ − tⱼ)² / n`, with `dy = 2 (y − t) / n`.
package struct MeanSquaredError: Loss {
  package let name = "mse"

  package init() {}

  package func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double)
    -> LossSum
  { outputs.squaredError(targets: targets, gradient: gradient, scale: scale) }
}

/// `Σⱼ log(1 + e^{zⱼ}) − tⱼ zⱼ` over n outputs, divided by n: the cross-entropy of `σ(z)`, with the
/// sigmoid inside.
package struct BinaryCrossEntropy: Loss {
  package let name = "binary_crossentropy"
  package let absorbs: Activation? = .sigmoid
  package let targets = LossTargets.shares

  package init() {}

  package func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double)
    -> LossSum
  { outputs.meanCost(.logistic, targets: targets, gradient: gradient, scale: scale) }
}

/// `Σⱼ tⱼ (log tⱼ − log softmax(z)ⱼ)`: the divergence of Kullback and Leibler (1951) of what is
/// predicted from probabilities t. Its derivative is that of the cross-entropy.
package struct KullbackLeibler: Loss {
  package let name = "kl"
  package let absorbs: Activation? = .softmax

  package init() {}

  package func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double)
    -> LossSum
  {
    var sum = outputs.crossEntropy(targets: targets, gradient: gradient, scale: scale)
    if targets.columns > 1 { sum.loss += targets.sumOfOwnLogarithms }
    return sum
  }
}

/// `Σⱼ |yⱼ − tⱼ| / n`.
package struct MeanAbsoluteError: Loss {
  package let name = "mae"

  package init() {}

  package func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double)
    -> LossSum
  { outputs.meanCost(.absolute, targets: targets, gradient: gradient, scale: scale) }
}

/// Squares of small differences, absolute values of large ones (Huber 1964): `½r²` for `|r| ≤ 1`,
/// else `|r| − ½`, the mean over the outputs.
package struct Huber: Loss {
  package let name = "huber"

  package init() {}

  package func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double)
    -> LossSum
  { outputs.meanCost(.huber, targets: targets, gradient: gradient, scale: scale) }
}

/// Scores that should be right by a margin of 1: `max(0, 1 − t y)` for one output and targets −1
/// and 1; for several `Σ_{j ≠ c} max(0, 1 − y_c + y_j) / n` (Weston & Watkins 1999).
package struct Hinge: Loss {
  package let name = "hinge"
  package let targets = LossTargets.sides

  package init() {}

  package func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double)
    -> LossSum
  {
    outputs.columns == 1
      ? outputs.meanCost(.hinge, targets: targets, gradient: gradient, scale: scale)
      : outputs.classHinge(targets: targets, gradient: gradient, scale: scale)
  }
}
