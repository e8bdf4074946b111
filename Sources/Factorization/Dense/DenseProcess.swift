import Matrices
import Training

/// How a whole matrix is written.
package enum MFForm: String, Sendable, CaseIterable {
  /// `X ≈ W H + b`.
  case uv
  /// `X ≈ W H Wᵀ + b`.
  case whw
}

/// A whole matrix as the training loop factorizes it: by alternating least squares or by gradient
/// descent, in 64 bits.
package struct DenseProcess: TrainingProcess {
  private enum Rule {
    case descent(GradientDescent)
    case leastSquares
  }

  private let x: Matrix
  private let options: MFOptions
  private let form: MFForm
  private let usesGradients: Bool
  private var descent: GradientDescent?
  package private(set) var parameters: [Matrix]
  /// `‖X − model‖ / ‖X‖` after every iteration.
  package private(set) var errors: [Double] = []
  private let norm: Double
  private var calm = 0

  package init(_ x: Matrix, _ form: MFForm, _ options: MFOptions, usesGradients: Bool) {
    let x = x.converted(to: .double)
    self.x = x
    self.form = form
    self.options = options
    self.usesGradients = usesGradients
    norm = x.frobeniusNorm
    let rank = options.rank
    var random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
    let bias = options.bias ? x.total(.mean) : 0
    // Factors whose product is as large as what is left of X without its mean.
    let spread = ((x - bias).sumOfSquares / Double(max(x.count, 1))).squareRoot()
    switch form {
    case .uv:
      let size = (max(spread, 1e-12) / Double(rank).squareRoot()).squareRoot()
      parameters = [
        size * random.normal(x.rows, rank), size * random.normal(rank, x.columns), Matrix(bias),
      ]
    case .whw:
      let size = (max(spread, 1e-12) / Double(rank)).squareRoot()
      parameters = [
        size * random.normal(x.rows, rank),
        Matrix.identity(rank) + 0.1 * random.normal(rank, rank), Matrix(bias),
      ]
    }
  }

  package var plan: TrainingPlan {
    TrainingPlan(
      "mf \(x.shape), rank \(options.rank)", unit: .iteration, total: options.iterations,
      objective: "relative error")
  }

  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    let before = errors.last
    var isDone = false
    if usesGradients {
      var descent =
        self.descent
        ?? GradientDescent(
          x, form == .uv ? TwoFactors() : CoreFactors(), start: parameters, l2: options.l2,
          learnsBias: options.bias, rate: options.rate)
      self.descent = nil
      descent.step()
      self.descent = descent
      parameters = descent.parameters
      errors.append(relative(descent.squares))
      isDone = descent.isStuck || descent.steepness <= options.tolerance
    } else {
      leastSquares()
      errors.append(relative((x - TwoFactors().rebuilt(parameters)).sumOfSquares))
      isDone = before.map { abs($0 - (errors.last ?? 0)) <= options.tolerance * $0 } ?? false
    }
    let error = errors.last ?? .nan
    calm = isDone || error < 1e-12 ? calm + 1 : 0
    return TrainingProgress(
      objective: error, end: calm >= 2 && options.tolerance > 0 ? .converged : nil)
  }

  private func relative(_ squares: Double) -> Double { norm > 0 ? squares.squareRoot() / norm : 0 }

  /// W and H in turn by ridge regression, then the mean of what is left as the bias.
  private mutating func leastSquares() {
    let rest = x - parameters[2][0, 0]
    let h = parameters[1]
    parameters[0] = ridge(h * h.transposed, h * rest.transposed).transposed
    let w = parameters[0]
    parameters[1] = ridge(w.transposed * w, w.transposed * rest)
    if options.bias { parameters[2] = Matrix((x - w * parameters[1]).total(.mean)) }
  }

  /// The solution of `(G + l2 I) F = B`; a trace more on the diagonal keeps it regular.
  private func ridge(_ gram: Matrix, _ right: Matrix) -> Matrix {
    let trace = (0..<gram.rows).reduce(0) { $0 + gram[$1, $1] }
    let root = gram.inverseCholesky(shift: options.l2 + max(1e-13 * trace, 1e-200))
    return root * (root.transposed * right)
  }

  package func picture() -> FactorPicture? {
    FactorPicture(
      title: form == .uv ? "parts (rows of H)" : "factors (columns of W)",
      rows: form == .uv ? parameters[1] : parameters[0].transposed.rowMajor(), isSigned: true)
  }
}
