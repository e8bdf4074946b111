import Matrices

/// What a network is to make small: the mean over the rows of a cost of outputs and targets.
package protocol Loss: Sendable {
  var name: String { get }
  /// The activation of the last layer that is part of the loss, so that outputs come without it.
  var absorbs: Activation? { get }
  /// The sum of the rows' costs; `gradient`, where given, receives `scale` times its derivative in
  /// the outputs.
  func evaluate(_ outputs: Block, targets: Block, gradient: Block?, scale: Double) -> LossSum
}

extension Loss {
  package var absorbs: Activation? { nil }
  /// Whether it compares probabilities of classes.
  package var includesSoftmax: Bool { absorbs == .softmax }
}

/// All losses, in the order in which they are listed.
package let losses: [any Loss] = [CrossEntropy(), MeanSquaredError()]

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
