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

  package init(_ x: Matrix, _ kind: MFForm, _ options: MFOptions, by method: DenseMethod) {
    let x = x.converted(to: .double)
    self.kind = kind
    var random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
    let form: any DenseForm =
      switch kind {
      case .uv: TwoFactors(x, hasBias: options.bias)
      case .whw:
        CoreFactors(
          x, bias: options.bias ? options.coreBias : .none, isSymmetric: options.isSymmetric)
      }
    task = DenseTask(
      x: x, form: form, start: form.start(&random, rank: options.rank), options: options)
    rule = method.rule(task)
    norm = x.frobeniusNorm
  }

  package var parameters: [Matrix] { rule.parameters }
  /// `‖X − model‖²`.
  package var squares: Double { rule.squares }

  package var plan: TrainingPlan {
    TrainingPlan(
      "mf \(task.x.shape), rank \(task.options.rank)", unit: .iteration,
      total: task.options.iterations, objective: "relative error")
  }

  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    rule.step()
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
