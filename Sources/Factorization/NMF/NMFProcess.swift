import Matrices
import Training

/// A factorization as the training loop runs it: the start in the first step, one iteration of the
/// rule a step, the history, and when to stop.
package struct NMFProcess: TrainingProcess {
  private let matrix: Matrix
  private let options: NMFOptions
  private let random: Random
  private let given: NMFFactors?

  private var x: Observations?
  private var rule: (any NMFRule)?
  /// Iterations in a row that wanted to change nothing to speak of.
  private var calm = 0

  /// Objective, loss and largest change of every iteration.
  package private(set) var advances: [NMFAdvance] = []
  /// `‖X‖`.
  package private(set) var norm = 0.0

  /// Calm iterations in a row that end a run.
  private static let patience = 2

  /// `start` replaces the start that the options name.
  package init(
    _ matrix: Matrix, _ options: NMFOptions, random: Random, start: NMFFactors? = nil
  ) {
    self.matrix = matrix
    self.options = options
    self.random = random
    given = start
  }

  package var plan: TrainingPlan {
    TrainingPlan(
      "nmf \(matrix.shape), rank \(options.rank)", unit: .iteration, total: options.iterations,
      objective: objectiveName, metrics: ["largest update"])
  }

  /// What `advances` are shown as.
  private var objectiveName: String {
    if options.isRegularized { return "loss with penalties" }
    return options.loss == .frobenius ? "relative error" : "divergence"
  }

  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    var rule = self.rule ?? makeRule()
    // Only one owner while it works, so that the factors are changed where they are.
    self.rule = nil
    let advance = rule.iterate { monitor.isStopRequested }
    self.rule = rule
    guard let advance else { return TrainingProgress(objective: .nan) }
    advances.append(advance)
    calm = advance.change <= options.tolerance || advance.loss == 0 ? calm + 1 : 0
    return TrainingProgress(
      objective: objective(advance), metrics: [advance.change],
      end: calm >= Self.patience && options.tolerance > 0 ? .converged : nil)
  }

  private func objective(_ advance: NMFAdvance) -> Double {
    if options.isRegularized || options.loss == .kl { return advance.objective }
    return relativeError(loss: advance.loss)
  }

  /// `‖X − WH‖ / ‖X‖` of a squared loss; 0 for a matrix of zeros.
  package func relativeError(loss: Double) -> Double {
    norm > 0 ? (2 * loss).squareRoot() / norm : 0
  }

  private mutating func makeRule() -> any NMFRule {
    let x = Observations(matrix, rank: options.rank, always: options.loss == .kl)
    self.x = x
    norm = x.squares.squareRoot()
    let start = given ?? options.start.factors(for: x, rank: options.rank, random)
    switch (options.loss, options.solver) {
    case (.kl, _): return DivergenceUpdates(x, start: start, options)
    case (.frobenius, .mu): return SquaredErrorUpdates(x, start: start, options)
    case (.frobenius, .auto):
      return CoordinateDescent(x, start: start, options, extrapolates: true)
    case (.frobenius, .hals):
      return CoordinateDescent(x, start: start, options, extrapolates: false)
    }
  }

  package func picture() -> FactorPicture? {
    rule.map {
      FactorPicture(
        title: "parts (rows of H)", rows: $0.factors.ht.transposed, tileShape: options.tile,
        isSigned: false)
    }
  }

  /// The factors with equal lengths (without penalties, which settle the lengths themselves), or
  /// those of the start when no iteration was finished.
  package mutating func finish() -> (factors: NMFFactors, revived: Int, residual: Double) {
    let rule = self.rule ?? makeRule()
    self.rule = rule
    var factors = rule.factors
    if !options.isRegularized { factors.balance() }
    return (factors, rule.revived, x?.squaredResidual(factors) ?? 0)
  }
}
