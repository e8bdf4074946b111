import Matrices
import Training
import Vocabulary

/// What `nmf` returns: the factors, how good they are and how they were found.
package final class NMFModel: Object {
  package let w: Matrix
  /// The parts as columns: n×k.
  package let ht: Matrix
  package let options: NMFOptions
  package let choice: NMFChoice
  package let loss: Double
  /// `‖X − WH‖ / ‖X‖`, over what is known of X.
  package let error: Double
  /// The part of the variance of X around its column means that WH explains.
  package let explained: Double
  /// How far the conditions of a solution are from holding.
  package let optimality: Double
  /// Loss, error and change of every iteration, with the seconds since the start.
  package let history: Record
  package let iterations: Int
  package let reason: StopReason
  package let seconds: Double
  package let revived: Int
  /// Whether entries of X were missing or weighted.
  package let isWeighted: Bool
  /// Further results of the solver or of restarts.
  package let extras: Record

  init(
    _ finish: NMFProcess.Finish, error: Double, history: Record, _ outcome: TrainingOutcome,
    isWeighted: Bool, extras: Record
  ) {
    w = finish.factors.w
    ht = finish.factors.ht
    options = finish.options
    choice = finish.choice
    loss = finish.loss
    self.error = error
    explained = finish.explained
    optimality = finish.optimality
    self.history = history
    iterations = outcome.steps
    reason = outcome.reason
    seconds = outcome.seconds
    revived = finish.revived
    self.isWeighted = isWeighted
    self.extras = extras
  }

  /// The same model with further results.
  private init(_ model: NMFModel, extras: Record) {
    (w, ht) = (model.w, model.ht)
    (options, choice) = (model.options, model.choice)
    (loss, error, explained) = (model.loss, model.error, model.explained)
    (optimality, history) = (model.optimality, model.history)
    (iterations, reason, seconds) = (model.iterations, model.reason, model.seconds)
    (revived, isWeighted) = (model.revived, model.isWeighted)
    var all = model.extras
    for (key, value) in zip(extras.keys, extras.values) { all[key] = value }
    self.extras = all
  }

  /// A model from a file.
  init(_ parts: Parts) throws {
    options = try NMFOptions(Parts(try parts("options")))
    w = try parts("W")
    let h: Matrix = try parts("H")
    ht = h.transposed.rowMajor()
    guard options.form == .archetypal || w.columns == h.rows, h.rows == options.rank else {
      throw Parts.damage("W is \(w.shape) and H is \(h.shape)")
    }
    guard w.firstNonFinite == nil, h.firstNonFinite == nil else {
      throw Parts.damage("a number of W or H is none")
    }
    choice = NMFChoice(
      try parts.choice("solver"), try parts("choice"), name: try parts("solver_name"))
    loss = try parts("loss")
    error = try parts("error")
    explained = try parts("explained")
    optimality = try parts("kkt")
    history = try parts("history")
    iterations = try parts("iterations")
    reason = try parts.choice("reason")
    seconds = try parts("seconds")
    revived = try parts("revived")
    isWeighted = try parts("weighted")
    extras = try parts("extras")
  }

  /// The same model with further results.
  func adding(_ extras: Record) -> NMFModel { NMFModel(self, extras: extras) }

  package var h: Matrix { ht.transposed }

  /// The loss with its penalties.
  package var objective: Double { loss + options.penalty(NMFFactors(w: w, ht: ht)) }

  /// Runs the loop on X, which must suit the options, and keeps what it found. Entries of weight 0
  /// are missing.
  package static func fit(
    _ x: Matrix, _ options: NMFOptions, loop: TrainingLoop, start: NMFFactors? = nil,
    weights: Matrix? = nil
  ) throws -> NMFModel {
    try fit(
      AnyMatrix(x), options, loop: loop, start: start, weights: weights.map { AnyMatrix($0) })
  }

  /// The same for a matrix that may be sparse.
  package static func fit(
    _ x: AnyMatrix, _ options: NMFOptions, loop: TrainingLoop, start: NMFFactors? = nil,
    weights: AnyMatrix? = nil
  ) throws -> NMFModel {
    if options.restarts > 1 {
      return try best(of: x, options, loop: loop, start: start, weights: weights)
    }
    return try once(x, options, loop: loop, start: start, weights: weights)
  }

  /// One run.
  static func once(
    _ x: AnyMatrix, _ options: NMFOptions, loop: TrainingLoop, start: NMFFactors?,
    weights: AnyMatrix?
  ) throws -> NMFModel {
    try measured(x, options, loop: loop, start: start, weights: weights).model
  }

  /// One run, with the loss and penalties by which runs on the same X compare: those of the scaled X,
  /// which are always within the range of the arithmetic.
  static func measured(
    _ x: AnyMatrix, _ options: NMFOptions, loop: TrainingLoop, start: NMFFactors?,
    weights: AnyMatrix?
  ) throws -> (model: NMFModel, measure: Double) {
    let scaling = NMFScaling(x, options, weights: weights)
    let random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
    var process = NMFProcess(
      scaling?.scaled(x) ?? x, scaling?.scaled(options) ?? options, random: random,
      start: start.map { scaling?.scaled($0) ?? $0 }, weights: weights)
    let recorder = Recorder()
    var loop = loop
    loop.observers.append(recorder)
    let outcome = try NMFInput.explainingDivergence(options.loss, of: x, start: start) {
      try loop.run(&process)
    }
    if process.hasLeftStart { throw Interrupted() }
    var finish = process.finish(
      atRest: outcome.reason == .converged || outcome.reason == .patience)
    let error = process.norm > 0 ? finish.residual.squareRoot() / process.norm : 0
    let kind = finish.options.loss
    let measure = finish.loss + finish.options.penalty(finish.factors)
    if let scaling { finish = scaling.restored(finish, options) }
    let steps = recorder.steps
    let advances = process.advances
    var history = Record([
      ("iteration", .matrix(Matrix(column: steps.map { Double($0.index) }))),
      (
        "loss",
        .matrix(Matrix(column: advances.map { scaling?.restored($0.loss, of: kind) ?? $0.loss }))
      ),
    ])
    if options.loss.isSquared {
      history["error"] = .matrix(
        Matrix(column: advances.map { process.relativeError(loss: $0.loss) }))
    }
    history["update"] = .matrix(Matrix(column: advances.map(\.change)))
    history["seconds"] = .matrix(Matrix(column: steps.map(\.seconds)))
    let model = NMFModel(
      finish, error: error, history: history, outcome, isWeighted: process.isPartial,
      extras: finish.extras)
    return (model, measure)
  }

  /// The non-negative codes of new rows for these parts: the exact ones for the squared error.
  package func codes(of x: Matrix, weights: Matrix? = nil) -> Matrix {
    codes(of: AnyMatrix(x), weights: weights.map { AnyMatrix($0) })
  }

  /// The same for a matrix that may be sparse.
  package func codes(of x: AnyMatrix, weights: AnyMatrix? = nil) -> Matrix {
    NMFCodes(ht, options).codes(of: x, weights: weights)
  }
}

extension NMFModel: Argument {
  package static var takes: String { "nmf model" }
  package static func from(_ value: Value) -> NMFModel? {
    if case .object(let object) = value { object as? NMFModel } else { nil }
  }
}

extension NMFModel: Returnable {
  package var value: Value { .object(self) }
}
