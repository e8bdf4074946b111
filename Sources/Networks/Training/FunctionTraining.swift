import Autodiff
import Matrices
import Training
import Vocabulary

/// What the training of a function is asked to do, checked.
struct FunctionRequest {
  var epochs: Int
  /// Rows a step; all of them when `nil`.
  var batch: Int?
  var optimizer: any Optimizer
  var schedule: Schedule?
  var clip = Clip()
  /// What the parameters are led back to, as the user says it.
  var constraints: Value?
  /// Where the parameters are kept on the way.
  var checkpoint: Checkpoint?
  var shuffle: Bool
  var seed: Int
}

/// The training of a function of parameters that a user has written: one pass over the data a step,
/// or one evaluation where there is none.
struct FunctionTraining: TrainingProcess {
  let plan: TrainingPlan
  private(set) var history: History
  private let function: any Callable
  private let form: ParameterForm
  private let data: FunctionData?
  private let request: FunctionRequest
  private let constraints: [Constraint?]
  private let context: Context
  private let parameters: Parameters
  private let workspace: Workspace
  private let gradient: Block
  private let gradients: [Block]
  private let state: Block
  private let start: Double
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  private var steps: Int
  /// What the last finished epoch of this run has left.
  private var good: Standing?
  /// What is known with the parameters as they are, where the optimizer asks for that.
  private var whole: LBFGS.Place?

  private struct Standing {
    var parameters: Value
    var state: Matrix
    var steps: Int
  }

  /// - Parameter given: parameters, or a model that an earlier run returned.
  init(
    _ function: any Callable, _ given: Value, data: Value?, _ request: FunctionRequest,
    _ context: Context
  ) throws {
    let earlier = FittedModel.from(given)
    let form = try Self.form(of: earlier?.parameters ?? given)
    let data = try data.map { try FunctionData($0) }
    try Self.check(request, data)
    let function = SpreadFunction.of(function, given, takesData: data != nil)
    self.function = function
    self.form = form
    self.data = data
    self.request = request
    constraints = try ParameterConstraints.read(request.constraints, for: form.paths)
    if let rule = request.optimizer as? LBFGS,
      constraints.contains(where: { $0.map { $0.bounds == nil } ?? false })
    {
      throw Problem(
        .value, "\(rule.title) keeps parameters within bounds, not to one length or sum",
        at: "constraints", help: "use adam(…) with them")
    }
    self.context = context
    let values = form.leaves.map(\.value.matrix)
    let isSingle = form.leaves.allSatisfy { $0.value.precision == .single }
    let parameters = Parameters(values, isSingle ? .single : .double)
    self.parameters = parameters
    let size = parameters.all.columns
    let slots = request.optimizer.slots
    let workspace = Workspace(parameters.precision, shapes: [Shape(1, size), Shape(slots, size)])
    self.workspace = workspace
    gradient = workspace.take(Shape(1, size))
    gradients = parameters.shaped(gradient)
    let state = workspace.take(Shape(slots, size))
    self.state = state
    steps = 0
    history = earlier?.history ?? History()
    if let earlier, earlier.request.optimizer.name == request.optimizer.name,
      earlier.state.shape == Shape(slots, size)
    {
      withExtendedLifetime(workspace) { state.copy(from: earlier.state) }
      steps = earlier.steps
    }
    start = history.seconds.last ?? 0
    began = clock.now
    let shapes = zip(form.paths, values).map { path, value in
      path.isEmpty ? "\(value.shape)" : "\(path) \(value.shape)"
    }
    plan = TrainingPlan(
      "\(function.signature.name) of \(shapes.joined(separator: ", "))", unit: .epoch,
      total: request.epochs, objective: "loss")
    project()
  }

  private static func form(of parameters: Value) throws -> ParameterForm {
    do { return try ParameterForm([parameters]) } catch var problem as Problem {
      problem.arguments = problem.arguments.map { .init(parameter: "X", label: $0.label) }
      throw problem
    }
  }

  /// Batches need data with as many rows.
  private static func check(_ request: FunctionRequest, _ data: FunctionData?) throws {
    guard let batch = request.batch else { return }
    guard let data else {
      throw Problem(
        .value, "a batch is some rows of the data, and there is none", at: "batch",
        help: "add data=X; the function gets the rows as its second argument")
    }
    if batch > data.rows {
      throw Problem(
        .value, "a batch has at most as many rows as the data: \(data.rows)", at: "batch",
        label: "the number \(batch)", help: "leave it out for all rows at once")
    }
  }

  /// The parameters as the function takes them.
  var values: [Value] { form.rebuilt(leaves.map { Value($0.value) }) }

  private var leaves: [Trace] {
    zip(parameters.values, form.leaves).map { value, leaf in
      if case .number = leaf.value { return Trace(value[0, 0]) }
      return Trace(value)
    }
  }

  mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    let optimizer =
      request.schedule.map {
        request.optimizer.scaled(by: $0.factor(epoch: history.epochs, losses: history.loss))
      } ?? request.optimizer
    if let rule = request.optimizer as? LBFGS { return try advance(by: rule) }
    var (sum, rows) = (0.0, 0)
    for (place, batch) in batches.enumerated() {
      if place > 0 {
        if monitor.isStopRequested { break }
        monitor.report(Double(index - 1) + Double(place) / Double(batches.count))
      }
      do {
        let weight = batch?.count ?? data?.rows ?? 1
        sum += Double(weight) * (try descend(batch, optimizer))
        rows += weight
      } catch is Interrupted {
        // What a stop has cut short counts for nothing.
        break
      }
    }
    return try close(rows > 0 ? sum / Double(rows) : nil)
  }

  /// Notes the loss of an epoch; `nil` where a stop has left nothing of it.
  private mutating func close(_ loss: Double?) throws -> TrainingProgress {
    guard let loss else { return TrainingProgress(objective: .nan) }
    // The last step of an epoch may leave what the next one would have found.
    let size = withExtendedLifetime(parameters) { parameters.all.sumOfSquares }
    guard loss.isFinite, size.isFinite else {
      return TrainingProgress(objective: .nan, end: good == nil ? nil : .diverged)
    }
    history.loss.append(loss)
    history.accuracy.append(.nan)
    history.validationLoss.append(.nan)
    history.validationAccuracy.append(.nan)
    history.seconds.append(start + (clock.now - began).inSeconds)
    good = standing
    if let checkpoint = request.checkpoint, history.epochs % checkpoint.every == 0 {
      try checkpoint.keep(.object(result(.stopped)))
    }
    return TrainingProgress(objective: loss)
  }

  /// The rows of each step of an epoch; all of them where `nil`.
  private var batches: [ArraySlice<Int>?] {
    guard let data, let batch = request.batch, batch < data.rows else { return [nil] }
    var order = Array(0..<data.rows)
    if request.shuffle {
      var random = Chance.order(request.seed, epoch: history.epochs)
      order = random.permutation(data.rows)
    }
    return stride(from: 0, to: data.rows, by: batch).map {
      order[$0..<min($0 + batch, data.rows)]
    }
  }

  /// One step: the loss before it.
  private mutating func descend(_ batch: ArraySlice<Int>?, _ optimizer: any Optimizer) throws
    -> Double
  {
    let others = data.map { [$0.rows(batch)] } ?? []
    var (loss, matrices) = try evaluate(others)
    // Numbers that are none would stay in the optimizer's state for ever.
    guard loss.isFinite else { return loss }
    if let limit = request.clip.norm {
      let norm = matrices.reduce(0) { $0 + $1.sumOfSquares }.squareRoot()
      if norm > limit { for place in matrices.indices { matrices[place].scale(by: limit / norm) } }
    }
    if let limit = request.clip.value {
      for place in matrices.indices { matrices[place].clamp(-limit, limit) }
    }
    steps += 1
    withExtendedLifetime((parameters, workspace)) {
      for (block, matrix) in zip(gradients, matrices) where !matrix.isEmpty {
        block.copy(from: matrix)
      }
      optimizer.update(parameters.all, gradient: gradient, state: state, step: steps)
    }
    project()
    return loss
  }

  /// The loss, and its gradient in every parameter.
  private func evaluate(_ others: [Value]) throws -> (Double, [Matrix]) {
    let (value, slopes) = try Differentiation.run(
      function, at: form.with(leaves), others: others, context)
    return (Double.from(value) ?? .nan, slopes.map(\.value.matrix))
  }

  /// One step of an optimizer that moves all parameters at once, on all data: the loss after it.
  private mutating func advance(by rule: LBFGS) throws -> TrainingProgress {
    let others = data.map { [$0.rows(nil)] } ?? []
    let run = self
    let place = { (x: Matrix) throws -> LBFGS.Place in
      try withExtendedLifetime((run.parameters, run.workspace)) {
        run.parameters.all.copy(from: x)
        let (loss, slopes) = try run.evaluate(others)
        for (block, slope) in zip(run.gradients, slopes) where !slope.isEmpty {
          block.copy(from: slope)
        }
        return LBFGS.Place(
          x: run.parameters.row, loss: loss, gradient: Matrix(run.gradient).converted(to: .double))
      }
    }
    var count = steps
    let before = parameters.row
    do {
      let start = try whole ?? place(before)
      guard start.loss.isFinite else { return try close(start.loss) }
      let move = try withExtendedLifetime(workspace) {
        try bounds.map {
          try rule.advance(
            from: start, within: $0, state: state, count: &count, evaluate: place)
        } ?? rule.advance(from: start, state: state, count: &count, evaluate: place)
      }
      let end = if case .moved(let found) = move { found } else { start }
      withExtendedLifetime(parameters) { parameters.all.copy(from: end.x) }
      (steps, whole) = (count, end)
      var progress = try close(end.loss)
      if case .still = move { progress.end = .converged }
      return progress
    } catch is Interrupted {
      withExtendedLifetime(parameters) { parameters.all.copy(from: before) }
      return try close(nil)
    }
  }

  /// Between which numbers the parameters stay, where that is asked for.
  private var bounds: Bounds? {
    Bounds(
      parameters,
      parameters.starts.indices.compactMap { place in
        constraints[place].map {
          let start = parameters.starts[place]
          return (start..<start + parameters.shapes[place].count, $0)
        }
      })
  }

  /// Leads the parameters back to what is asked of them.
  private func project() {
    withExtendedLifetime(parameters) {
      for (block, constraint) in zip(parameters.blocks, constraints) {
        // A row is a vector as a whole; of every other matrix the columns are.
        let vectors = block.rows == 1 ? block.reshaped(block.count, 1) : block
        if let constraint { vectors.project(onto: constraint) }
      }
    }
  }

  /// The first matrix of parameters, one tile a row.
  func picture() -> FactorPicture? {
    let matrices = zip(form.paths, parameters.values)
    guard let (path, matrix) = matrices.first(where: { $0.1.count > 1 }) else { return nil }
    return FactorPicture(
      title: path.isEmpty ? "parameters" : "rows of \(path)", rows: matrix,
      isSigned: matrix.total(.minimum) < 0)
  }

  /// Where the run stands.
  private var standing: Standing {
    Standing(
      parameters: values[0], state: withExtendedLifetime(workspace) { Matrix(state) },
      steps: steps)
  }

  /// What was found.
  func result(_ end: StopReason) -> FittedModel {
    let last = end == .diverged ? good ?? standing : standing
    return FittedModel(
      parameters: last.parameters, request: request, state: last.state, steps: last.steps,
      history: history, reason: end, function: function.signature.name)
  }
}

/// What a function is trained on: a matrix or a list of matrices that are cut along their rows.
struct FunctionData {
  private let matrices: [Matrix]
  private let isList: Bool
  let rows: Int

  init(_ value: Value) throws {
    switch value {
    case .list(let list):
      isList = true
      matrices = try list.map { part in
        guard let matrix = Matrix.from(part) else { throw Self.refusal(part) }
        return matrix
      }
    default:
      guard let matrix = Matrix.from(value) else { throw Self.refusal(value) }
      (matrices, isList) = ([matrix], false)
    }
    rows = matrices.first?.rows ?? 0
    if rows == 0 { throw Self.refusal(value) }
    if let other = matrices.first(where: { $0.rows != rows }) {
      throw Problem(
        .shape, "all data need equally many rows: \(rows) and \(other.rows)", at: "data",
        label: value.label)
    }
  }

  private static func refusal(_ value: Value) -> Problem {
    Problem(
      .type, "'data' needs a matrix with rows, or a list of such matrices", at: "data",
      label: value.label, help: "a list {X, y} is cut along the rows of both")
  }

  /// Some rows, in the form in which the data was given.
  func rows(_ wanted: ArraySlice<Int>?) -> Value {
    let parts = matrices.map { matrix in
      wanted.map { matrix.selecting(rows: Array($0)) } ?? matrix
    }
    return isList ? .list(parts.map { .matrix($0) }) : .matrix(parts[0])
  }
}
