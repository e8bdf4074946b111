import Matrices
import Training
import Vocabulary

/// How rows are looked at that come in blocks.
struct StreamingOptions {
  /// Rows after which H moves; `nil`: after all of them.
  var batch: Int?
  /// What is left of the weight of a row after a pass.
  var forget = 0.7
  /// An earlier model, whose rows count as what they were rebuilt as.
  var prior: NMFFactors?
}

extension NMFModel {
  /// A run over rows in blocks, from the start that the options name or a given one. Numbers of any
  /// size are welcome: blocks are scaled on the way where they need it.
  static func streamed(
    _ rows: some RowBlocks, _ options: NMFOptions, _ streaming: StreamingOptions,
    start: NMFFactors?, loop: TrainingLoop
  ) throws -> NMFModel {
    let census = try RowCensus(rows)
    try NMFInput.checkLoss(options, zeros: Double(rows.shape.count - census.nonZeros))
    guard let scaling = NMFScaling(level: census.level, options) else {
      return try streamed(rows, census, nil, options, streaming, start: start, loop: loop)
    }
    let scaled = ChangedRows(rows) { scaling.scaled($0) }
    var streaming = streaming
    streaming.prior = streaming.prior.map(scaling.scaled)
    return try streamed(
      scaled, census.isExact ? census.divided(by: scaling.size) : RowCensus(scaled),
      scaling, options, streaming, start: start.map(scaling.scaled), loop: loop)
  }

  /// The same for rows of a comfortable size, and what was done to the options and to X for that.
  private static func streamed(
    _ rows: some RowBlocks, _ census: RowCensus, _ scaling: NMFScaling?, _ given: NMFOptions,
    _ streaming: StreamingOptions, start: NMFFactors?, loop: TrainingLoop
  ) throws -> NMFModel {
    var options = scaling?.scaled(given) ?? given
    if options.loss == .huber(nil) {
      options.loss = .huber(max(census.spread(rows: rows.shape) / 2, 1e-12))
    }
    let random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
    let start =
      try start?.converted(to: rows.precision) ?? self.start(rows, options, census, random)
    var process = StreamedDescent(
      rows, options, census: census, start: start, batch: streaming.batch,
      forget: streaming.forget, continues: streaming.prior)
    let recorder = Recorder()
    var loop = loop
    loop.observers.append(recorder)
    var outcome = try loop.run(&process)
    let advances = process.advances
    var history = Record([
      ("iteration", .matrix(Matrix(column: recorder.steps.map { Double($0.index) }))),
      (
        "loss",
        .matrix(
          Matrix(column: advances.map { scaling?.restored($0.loss, of: given.loss) ?? $0.loss }))
      ),
    ])
    if options.loss.isSquared {
      history["error"] = .matrix(
        Matrix(column: advances.map { process.relativeError($0.loss) }))
    }
    history["update"] = .matrix(Matrix(column: advances.map(\.change)))
    history["seconds"] = .matrix(Matrix(column: recorder.steps.map(\.seconds)))
    var finish = try process.finish(converged: outcome.reason == .converged)
    if outcome.reason == .converged && !options.isAtRest(finish.optimality, rows.precision) {
      outcome.reason = .patience
    }
    let error = process.relativeError(finish.residual / 2)
    if let scaling { finish = scaling.restored(finish, given) }
    return NMFModel(
      finish, error: error, history: history, outcome,
      isWeighted: false, extras: finish.extras)
  }

  /// H from right singular vectors of two rounds, or from chance; W of zeros, since every pass begins
  /// with W. Of each vector the larger half counts, as in NNDSVD.
  private static func start(
    _ rows: some RowBlocks, _ options: NMFOptions, _ census: RowCensus, _ random: Random
  ) throws -> NMFFactors {
    let (shape, rank, precision) = (rows.shape, options.rank, rows.precision)
    let mean = census.sum / Double(max(shape.count, 1))
    var random = random
    let w = Matrix.zeros(shape.rows, rank, precision)
    if options.start == .random {
      return NMFFactors(w: w, ht: random.uniform(shape.columns, rank, precision))
    }
    let (v, values) = try ShiftedRows(rows: rows, shift: nil, isReadInOnePass: true)
      .leadingRightVectors(rank: rank, powers: 2)
    // A U of one row, with the sign that makes the larger half of every vector count.
    let signs = v.reduced(.sum, along: .rows).mapped(.sign)
    var parts = NMFFactors(w: signs + signs.mapped(.not), ht: v)
    NMFStart.keepParts(of: &parts, values)
    var ht = parts.ht.converted(to: precision)
    switch options.start {
    case .nndsvd: break
    case .nndsvdar:
      ht = ht.fillingZeros(with: mean / 100 * random.uniform(shape.columns, rank, precision))
    case .nndsvda, .random, .spa, .kmeans, .given: ht = ht.fillingZeros(with: Matrix(mean))
    }
    return NMFFactors(w: w, ht: ht)
  }
}

extension NMFInput {
  /// Throws where options do not suit rows that are looked at in blocks.
  static func checkStreaming(
    _ options: NMFOptions, _ isWeighted: Bool, _ shape: Shape, _ what: String
  )
    throws
  {
    guard !shape.isEmpty else {
      throw Problem(
        .shape, "a matrix with at least one element is needed", at: "x", label: "\(shape)")
    }
    func refuse(
      _ isSo: Bool, _ why: String, at parameter: String, help: String? = nil
    ) throws {
      guard isSo else { return }
      throw Problem(
        .value, "\(what) \(why)", at: parameter, help: help ?? "leave the \(parameter) out",
        remedy: help == nil ? .leavingOut(parameter) : nil)
    }
    try refuse(
      options.form != .standard, "is for form=\"standard\"", at: "form")
    try refuse(
      isWeighted, "needs every element", at: "x", help: "leave 'weights' and 'missing' out")
    let solver = NMFSolver.ofRows(options.loss)
    try refuse(
      options.solver != .auto && options.solver != solver,
      "has one solver for this loss, \(solver.rawValue)", at: "solver")
    try refuse(
      options.restarts > 1, "has one run", at: "restarts",
      help: "init=\"random\" with another seed= gives another run")
    try refuse(
      options.start == .spa || options.start == .kmeans, "does not start from chosen rows",
      at: "init", help: "nndsvda, nndsvd, nndsvdar, random, factors and models are starts")
  }
}
