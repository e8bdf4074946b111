import Autodiff
import Matrices
import Training
import Vocabulary

/// The training of a function of parameters that a user has written: one pass over the data a step,
/// or one evaluation where there is none.
struct FunctionTraining: TrainingProcess {
  let plan: TrainingPlan
  private(set) var history: History
  private let function: any Callable
  private let form: ParameterForm
  let data: FunctionData?
  private let request: FunctionRequest
  let constraints: [Constraint?]
  private let context: Context
  let parameters: Parameters
  let workspace: Workspace
  let gradient: Block
  let gradients: [Block]
  let state: Block
  private let start: Double
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  var steps: Int
  /// What the last finished epoch of this run has left.
  private var good: Standing?
  /// What is known with the parameters as they are, where the optimizer asks for that.
  var whole: LBFGS.Place?

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
  mutating func close(_ loss: Double?) throws -> TrainingProgress {
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
  func evaluate(_ others: [Value]) throws -> (Double, [Matrix]) {
    let (value, slopes) = try Differentiation.run(
      function, at: form.with(leaves), others: others, context)
    return (Double.from(value) ?? .nan, slopes.map(\.value.matrix))
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
