import Matrices
import Training

/// How a whole matrix is written.
package enum MFForm: String, Sendable, CaseIterable {
  /// `X ≈ W H + b`.
  case uv
  /// `X ≈ W H Wᵀ + b`.
  case whw
}

/// A whole matrix as the training loop factorizes it, by any rule, in 64 bits.
package struct DenseProcess: TrainingProcess {
  package let task: DenseTask
  private let kind: MFForm
  private var rule: any DenseRule
  private let norm: Double
  private var calm = 0

  package init(
    _ x: Matrix, weights: Matrix? = nil, _ kind: MFForm, _ options: MFOptions,
    by method: DenseMethod
  ) {
    let x = x.converted(to: .double)
    let weights = weights?.converted(to: .double)
    let coreBias = options.bias ? options.coreBias : .none
    self.kind = kind
    var random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
    let form: any DenseForm =
      switch (kind, weights) {
      case (.uv, _): TwoFactors(x, hasBias: options.bias)
      case (.whw, nil): CoreFactors(x, bias: coreBias, isSymmetric: options.isSymmetric)
      case (.whw, let weights?):
        WeightedCoreFactors(
          x, weights: weights, bias: coreBias, isSymmetric: options.isSymmetric)
      }
    var start = form.start(&random, rank: options.rank)
    if options.isNonnegative { for place in 0..<2 { start[place] = start[place].mapped(.abs) } }
    task = DenseTask(x: x, weights: weights, form: form, start: start, options: options)
    rule = method.rule(task)
    norm = x.squares(weights).squareRoot()
  }

  package var parameters: [Matrix] { rule.parameters }
  /// `‖X − model‖²`.
  package var squares: Double { rule.squares }

  package var plan: TrainingPlan {
    TrainingPlan(
      "mf \(task.x.shape), rank \(task.options.rank)", unit: .iteration,
      total: task.options.iterations, objective: "relative error")
  }

  /// A stop does not wait for the step, which then has not been.
  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    var trial = rule
    Interrupt.exposingKernels { trial.step() }
    if Interrupt.isRequested { return TrainingProgress(objective: .nan) }
    rule = trial
    let error = norm > 0 ? rule.squares.squareRoot() / norm : 0
    let tolerance = task.options.tolerance
    calm = rule.isDone(tolerance) || error < 1e-12 ? calm + 1 : 0
    return TrainingProgress(
      objective: error, end: calm >= 2 && tolerance > 0 ? .converged : nil)
  }

  package func picture() -> FactorPicture? {
    let p = rule.parameters
    return FactorPicture(
      title: kind == .uv ? "parts (rows of H)" : "factors (columns of W)",
      rows: kind == .uv ? p[1] : p[0].transposed.rowMajor(),
      isSigned: !task.options.isNonnegative)
  }
}
