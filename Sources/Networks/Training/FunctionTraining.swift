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

  init(
    _ function: any Callable, _ form: ParameterForm, data: FunctionData?,
    constraints: [Constraint?], _ request: FunctionRequest, earlier: FittedModel?,
    _ context: Context
  ) {
    self.function = function
    self.form = form
    self.data = data
    self.request = request
    self.constraints = constraints
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
    if let earlier, earlier.optimizer.name == request.optimizer.name,
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
    let loss = rows > 0 ? sum / Double(rows) : .nan
    if rows > 0 {
      history.loss.append(loss)
      history.accuracy.append(.nan)
      history.validationLoss.append(.nan)
      history.validationAccuracy.append(.nan)
      history.seconds.append(start + (clock.now - began).inSeconds)
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
    let (value, slopes) = try Differentiation.run(
      function, at: form.with(leaves), others: others, context)
    let loss = Double.from(value) ?? .nan
    // Numbers that are none would stay in the optimizer's state for ever.
    guard loss.isFinite else { return loss }
    var matrices = slopes.map(\.value.matrix)
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

  /// What was found.
  func result(_ outcome: TrainingOutcome) -> FittedModel {
    FittedModel(
      parameters: values[0], optimizer: request.optimizer,
      state: withExtendedLifetime(workspace) { Matrix(state) }, steps: steps, history: history,
      reason: outcome.reason, function: function.signature.name, seed: request.seed)
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
