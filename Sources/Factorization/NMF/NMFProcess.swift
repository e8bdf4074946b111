import Matrices
import Training
import Vocabulary

/// A factorization as the training loop runs it: the start in the first step, one iteration of the
/// rule a step, the history, and when to stop.
package struct NMFProcess: TrainingProcess {
  private let matrix: AnyMatrix
  private let weights: AnyMatrix?
  private var options: NMFOptions
  private let random: Random
  private let given: NMFFactors?

  private var x: Observations?
  private var rule: (any NMFRule)?
  /// Iterations in a row that wanted to change nothing to speak of.
  private var calm = 0
  /// Iterations in a row that changed the objective by no more than rounding.
  private var still = 0

  /// What a run that has come to rest ends with.
  private var conclusion: Finish?
  /// How often a run went on from there, because parts still wanted to change.
  private var returns = 0
  /// Components that were started anew before that.
  private var revived = 0
  private static let mostReturns = 4

  /// Which solver runs; known after the first step.
  package private(set) var choice: NMFChoice?
  /// Objective, loss and largest change of every iteration.
  package private(set) var advances: [NMFAdvance] = []
  /// `‖X‖`.
  package private(set) var norm = 0.0

  /// Calm iterations in a row that end a run.
  private static let patience = 2
  /// Still iterations in a row that end it, though parts would change: where factors can move
  /// without changing their product.
  private static let longPatience = 50

  /// Whether a stop came while the factors to start with were made: there is nothing to keep.
  package private(set) var hasLeftStart = false

  /// `start` replaces the start that the options name.
  package init(
    _ matrix: AnyMatrix, _ options: NMFOptions, random: Random, start: NMFFactors? = nil,
    weights: AnyMatrix? = nil
  ) {
    self.matrix = matrix
    self.weights = weights
    self.options = options
    self.random = random
    given = start
  }

  package var plan: TrainingPlan {
    TrainingPlan(
      "nmf \(matrix.shape), rank \(options.rank)", unit: .iteration, total: options.iterations,
      objective: objectiveName, metrics: ["largest update"])
  }

  /// Whether entries of X are missing or weighted; known after the first step.
  package var isPartial: Bool { x?.isPartial ?? (weights != nil) }

  /// What `advances` are shown as.
  private var objectiveName: String {
    if options.isRegularized { return "loss with penalties" }
    return options.loss.isSquared ? "relative error" : options.loss.noun
  }

  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    guard var rule = self.rule ?? makeRuleUnlessStopped() else {
      hasLeftStart = true
      return TrainingProgress(objective: .nan)
    }
    // Only one owner while it works, so that the factors are changed where they are.
    self.rule = nil
    let advance = rule.iterate { monitor.isStopRequested }
    self.rule = rule
    guard var advance else { return TrainingProgress(objective: .nan) }
    // Every loss is at least 0; rounding may say otherwise.
    advance.loss = max(0, advance.loss)
    let before = advances.last?.objective ?? .infinity
    let rounding = matrix.precision.epsilon
    let unit = abs(advance.objective) + rounding * norm * norm
    still = abs(before - advance.objective) <= rounding * unit ? still + 1 : 0
    advances.append(advance)
    calm = advance.change <= options.tolerance || advance.loss == 0 ? calm + 1 : 0
    return TrainingProgress(
      objective: objective(advance), metrics: [advance.change],
      end: end == .converged ? conclude() : end)
  }

  /// Looks at what the run would end with: the last steps say what they changed, and rounding may hide
  /// what parts want. A run goes on from there as long as they do, or as the best codes of parts that
  /// have nearly all in common are lower, a few times; then rounding leaves no more to gain.
  private mutating func conclude() -> StopReason? {
    guard options.form == .standard || options.form == .semi else { return .converged }
    let finish = finish(atRest: true)
    let isLower =
      finish.loss < (1 - options.tolerance) * (advances.last?.loss ?? 0)
      && finish.factors.ht.hasNearlyDependentColumns
    let isAtRest = !isLower && options.isAtRest(finish.optimality, matrix.precision)
    if isAtRest || returns == Self.mostReturns {
      conclusion = finish
      return isAtRest ? .converged : .patience
    }
    returns += 1
    revived = finish.revived
    (calm, still) = (0, 0)
    if let x { rule = rule(x, returningTo: finish.factors) }
    return nil
  }

  /// Coordinates creep where parts have nearly all in common; then rows are solved for at once.
  private func rule(_ x: Observations, returningTo factors: NMFFactors) -> any NMFRule {
    let (w, h) = (options.terms.w, options.terms.h)
    let isPlain = !w.areLimits && !h.areLimits && w.orthogonality + h.orthogonality == 0
    guard returns > 1, options.form == .standard, options.loss.isSquared, isPlain else {
      return rule(x, from: factors)
    }
    return rule(.bpp, x, factors)
  }

  /// Why the run ends now. What no longer changes the objective has converged only where parts want
  /// to change by little.
  private var end: StopReason? {
    guard options.tolerance > 0, let change = advances.last?.change else { return nil }
    if calm >= Self.patience { return .converged }
    guard still >= Self.longPatience else { return nil }
    return change <= 10 * options.tolerance ? .converged : .patience
  }

  private func objective(_ advance: NMFAdvance) -> Double {
    if options.isRegularized || !options.loss.isSquared { return advance.objective }
    return relativeError(loss: advance.loss)
  }

  /// `‖X − WH‖ / ‖X‖` of a squared loss; 0 for a matrix of zeros.
  package func relativeError(loss: Double) -> Double {
    norm > 0 ? (2 * loss).squareRoot() / norm : 0
  }

  private mutating func makeRule() -> any NMFRule {
    let x = observe()
    return rule(x, from: start(x))
  }

  /// A stop does not wait for the factors to start with, whose numbers nobody needs then.
  private mutating func makeRuleUnlessStopped() -> (any NMFRule)? {
    let x = observe()
    let start = Interrupt.exposingKernels { self.start(x) }
    if Interrupt.isRequested && given == nil { return nil }
    return rule(x, from: start)
  }

  private mutating func observe() -> Observations {
    let x = Observations(matrix, rank: options.rank, weights: weights)
    self.x = x
    norm = x.squares.squareRoot()
    if options.loss == .huber(nil) { options.loss = .huber(max(x.spread / 2, 1e-12)) }
    choice = NMFChoice(options, x)
    return x
  }

  private func start(_ x: Observations) -> NMFFactors {
    // A start needs matrices of other sizes than a run.
    defer { Memory.letGoOfKept() }
    return given.map { $0.converted(to: x.precision) }
      ?? options.start.factors(for: x.filled(rank: options.rank), rank: options.rank, random)
  }

  private func rule(_ x: Observations, from start: NMFFactors) -> any NMFRule {
    switch options.form {
    case .standard: return rule((choice ?? NMFChoice(options, x)).solver, x, start)
    case .semi:
      return CoordinateDescent(
        x, start: start, options, extrapolates: true,
        method: PerFactor(w: .descent(sweeps: 4, decay: 0.1), h: .exact))
    case .symmetric: return SymmetricDescent(x, start: start, options)
    case .archetypal: return ArchetypalDescent(x, start: start, options)
    }
  }

  private func rule(_ solver: NMFSolver, _ x: Observations, _ start: NMFFactors) -> any NMFRule {
    switch solver {
    case .newton: return NewtonDescent(x, start: start, options)
    case .mu:
      switch options.loss {
      case .kl: return KullbackLeiblerUpdates(x, start: start, options)
      case .frobenius where !x.isPartial:
        return SquaredErrorUpdates(x, start: start.positive, options)
      case .frobenius, .beta, .huber: return DivergenceUpdates(x, start: start, options)
      }
    case .auto, .extrapolated:
      if options.loss == .kl {
        return KullbackLeiblerUpdates(x, start: start, options, extrapolates: true)
      }
      return CoordinateDescent(x, start: start, options, extrapolates: true)
    case .hals: return CoordinateDescent(x, start: start, options, extrapolates: false)
    case .bpp:
      return CoordinateDescent(
        x, start: start, options, extrapolates: false, method: PerFactor(.exact))
    case .gcd:
      return CoordinateDescent(
        x, start: start, options, extrapolates: false, method: PerFactor(.greedy(decay: 0.001)))
    case .randomized: return SketchedDescent(x, start: start, options, random.split(2))
    case .spa: return SeparableParts(x, rank: options.rank, options)
    }
  }

  package func picture() -> FactorPicture? {
    (conclusion?.factors ?? rule?.factors).map {
      FactorPicture(
        title: "parts (rows of H)", rows: $0.ht.transposed, tileShape: options.tile,
        isSigned: options.form == .semi)
    }
  }

  /// What is left when the loop has ended.
  package struct Finish {
    package var factors: NMFFactors
    package var options: NMFOptions
    package var choice: NMFChoice
    package var revived: Int
    package var loss: Double
    /// `Σ m (x − ŷ)²`.
    package var residual: Double
    package var explained: Double
    package var optimality: Double
    package var extras: Record
  }

  /// The factors with equal lengths (without penalties, limits or a given start, which settle the
  /// lengths themselves), or those of the start when no iteration was finished. A run that
  /// came to rest ends with the best W for its H, which `transform` finds again.
  package mutating func finish(atRest: Bool) -> Finish {
    if let conclusion { return conclusion }
    let x: Observations
    var factors: NMFFactors
    let (revived, extras): (Int, Record)
    do {
      // What else the rule holds is let go of.
      var rule = self.rule ?? makeRule()
      self.rule = nil
      x = self.x ?? Observations(matrix, rank: options.rank, weights: weights)
      (factors, revived, extras) = (rule.settle(), self.revived + rule.revived, rule.extras)
    }
    Memory.letGoOfKept()
    if options.isScaleFree && options.start != .given { factors.balance() }
    if options.partsSumToOne { factors.normalizeParts() }
    if atRest, options.form == .standard || options.form == .semi {
      factors.w = NMFCodes(factors.ht, options).polished(factors.w, x)
    }
    clearTraces(&factors, x)
    let residual = x.squaredResidual(factors)
    Memory.letGoOfKept()
    let loss =
      options.loss.isSquared
      ? residual / 2 : max(0, x.divergence(options.loss.entries, factors))
    return Finish(
      factors: factors, options: options, choice: choice ?? NMFChoice(options, x),
      revived: revived, loss: loss, residual: residual,
      explained: x.explained(residual: residual),
      optimality: x.squares > 0 ? x.optimality(factors, options) : 0,
      extras: extras)
  }
}

extension NMFProcess {
  /// Empties components of which multiplications under penalties have left traces alone: an entry never
  /// gets to 0 by them. Unless the loss needs the traces, as of a logarithm.
  private func clearTraces(_ factors: inout NMFFactors, _ x: Observations) {
    guard options.form == .standard, options.isRegularized,
      !options.loss.isSquared || choice?.solver == .mu,
      let fewer = factors.withoutTraces(options.terms)
    else { return }
    let objective = { (factors: NMFFactors) in
      x.divergence(options.loss.entries, factors) + options.penalty(factors)
    }
    let before = objective(factors)
    if objective(fewer) <= before + 1e-12 * abs(before) { factors = fewer }
  }
}

extension NMFFactors {
  func converted(to precision: Precision) -> NMFFactors {
    NMFFactors(w: w.converted(to: precision), ht: ht.converted(to: precision))
  }
}
