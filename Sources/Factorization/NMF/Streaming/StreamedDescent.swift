import Matrices
import Training
import Vocabulary

/// A factorization of rows that are looked at in blocks, in one pass an iteration.
///
/// Without batches a pass finds W block by block for the H before it, sums on the way what the step
/// of H needs, and ends with that step: the loss never rises. With batches H moves after each of
/// them, from sums in which older rows count less (online learning: Mairal, Bach, Ponce & Sapiro,
/// JMLR 11, 2010; as MiniBatchNMF of scikit-learn). `SquaredPass` and `MultiplicativePass`
/// say how.
///
/// Memory beyond X: `(m + 4n) k` numbers, and a few blocks of about a million, or of a batch.
struct StreamedDescent<Rows: RowBlocks>: TrainingProcess {
  let rows: Rows
  let census: RowCensus
  let options: NMFOptions
  let batch: Int?
  private var pass: any StreamedPass
  private(set) var advances: [NMFAdvance] = []
  private var calm = 0
  private var still = 0

  init(
    _ rows: Rows, _ options: NMFOptions, census: RowCensus, start: NMFFactors, batch: Int?,
    forget: Double, continues prior: NMFFactors?
  ) {
    self.rows = rows
    self.census = census
    self.options = options
    self.batch = batch
    let task = StreamedTask(
      options: options, batch: batch, forget: forget, shape: rows.shape,
      squares: census.squares, prior: prior)
    let start = start.within(options.terms)
    switch options.loss {
    case .frobenius: pass = SquaredPass(task, start: start)
    case .kl: pass = MultiplicativePass(task, start: start, by: KullbackLeiblerRule.self)
    case .beta, .huber:
      pass = MultiplicativePass(task, start: start, by: DivergenceRule.self)
    }
  }

  /// The factors, which are then nobody else's.
  mutating func takeFactors() -> NMFFactors {
    defer { pass.w = .zeros(0, 0) }
    return NMFFactors(w: pass.w, ht: pass.ht)
  }

  var choice: NMFChoice {
    let solver = NMFSolver.ofRows(options.loss)
    let name = solver.rawValue
    return batch.map { NMFChoice(solver, "H moves after every \($0) rows", name: "online \(name)") }
      ?? NMFChoice(solver, "every iteration reads the rows once", name: "streamed \(name)")
  }

  var plan: TrainingPlan {
    TrainingPlan(
      "nmf \(rows.shape), rank \(options.rank), \(choice.name)", unit: .iteration,
      total: options.iterations, objective: objectiveName, metrics: ["largest update"])
  }

  private var objectiveName: String {
    if options.isRegularized { return "loss with penalties" }
    return options.loss.isSquared ? "relative error" : options.loss.noun
  }

  func picture() -> FactorPicture? {
    FactorPicture(
      title: "parts (rows of H)", rows: pass.ht.transposed, tileShape: options.tile,
      isSigned: false)
  }

  /// A stop between two blocks.
  private struct Stopped: Error {}

  mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    var pass = pass
    // Only one owner, so that W is changed where it is.
    self.pass.w = .zeros(0, 0)
    pass.begin()
    do {
      try rows.forEachBlock(of: batch ?? rows.blockRows) { range, block in
        if monitor.isStopRequested { throw Stopped() }
        pass.take(block, range)
        monitor.report(Double(index - 1) + Double(range.upperBound) / Double(rows.shape.rows))
      }
    } catch {
      // Every row is as good as before or better.
      self.pass = pass
      guard error is Stopped else { throw error }
      return TrainingProgress(objective: .nan)
    }
    let advance = pass.end()
    self.pass = pass
    let before = advances.last?.objective ?? .infinity
    advances.append(advance)
    let unit = abs(advance.objective) + rows.precision.epsilon * census.squares
    still = abs(before - advance.objective) <= rows.precision.epsilon * unit ? still + 1 : 0
    calm = advance.change <= options.tolerance || advance.loss == 0 ? calm + 1 : 0
    let isAtRest = calm >= 2 || still >= 5 && advance.change <= 10 * options.tolerance
    let end: StopReason? = isAtRest ? .converged : still >= Self.patience ? .patience : nil
    let isRelative = options.loss.isSquared && !options.isRegularized
    return TrainingProgress(
      objective: isRelative ? relativeError(advance.loss) : advance.objective,
      metrics: [advance.change], end: options.tolerance > 0 ? end : nil)
  }

  /// Passes in a row that changed the objective by no more than rounding, before a run ends whose
  /// parts would change.
  private static var patience: Int { 20 }

  /// `‖X − WH‖ / ‖X‖` of a squared loss.
  func relativeError(_ loss: Double) -> Double {
    census.squares > 0 ? (2 * loss / census.squares).squareRoot() : 0
  }
}

extension NMFSolver {
  /// The one that rows in blocks have.
  static func ofRows(_ loss: NMFLoss) -> NMFSolver { loss.isSquared ? .hals : .mu }
}
