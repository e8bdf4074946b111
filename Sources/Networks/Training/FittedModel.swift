import Matrices
import Training
import Vocabulary

/// What `train(f, params, …)` returns: the parameters found, and how.
package final class FittedModel: Object {
  package let parameters: Value
  let optimizer: any Optimizer
  let state: Matrix
  let steps: Int
  let history: History
  let reason: StopReason
  let function: String
  let seed: Int

  init(
    parameters: Value, optimizer: any Optimizer, state: Matrix, steps: Int, history: History,
    reason: StopReason, function: String, seed: Int
  ) {
    self.parameters = parameters
    self.optimizer = optimizer
    self.state = state
    self.steps = steps
    self.history = history
    self.reason = reason
    self.function = function
    self.seed = seed
  }

  package let kind = "fitted model"

  private static let own = [
    "params", "loss", "history", "epochs", "converged", "reason", "optimizer", "seed", "seconds",
  ]

  /// Parameters of a record are fields of the model too, unless their name is taken.
  private var named: Record {
    guard case .record(let record) = parameters else { return Record() }
    return Record(
      zip(record.keys, record.values).filter { !Self.own.contains($0.0) }.map { ($0, $1) })
  }

  package var fieldNames: [String] { named.keys + Self.own }

  package func field(_ name: String) -> Value? {
    switch name {
    case "params": parameters
    case "loss": .number(history.loss.last ?? .nan)
    case "history": .record(history.record)
    case "epochs": .number(Double(history.epochs))
    case "converged": .boolean(reason == .converged)
    case "reason": .text(reason.words)
    case "optimizer": .text(optimizer.title)
    case "seed": .number(Double(seed))
    case "seconds": .number(history.seconds.last ?? 0)
    default: named[name]
    }
  }

  package func summary(width: Int) -> String {
    let curve = SparkLine.text(
      of: history.loss, width: max(8, min(40, width - 30)), logarithmic: true)
    let epochs = history.epochs == 1 ? "1 epoch" : "\(history.epochs) epochs"
    let seconds = NumberFormat.fixed(history.seconds.last ?? 0, decimals: 2)
    let what: String
    if case .record(let record) = parameters {
      what = zip(record.keys, record.values).map { name, value in
        value.shape.map { $0.count == 1 ? name : "\(name) \($0)" } ?? name
      }.joined(separator: ", ")
    } else {
      what = parameters.label
    }
    let lines = [
      "fitted model: \(function) of \(what)",
      "  loss \(NumberFormat.short(history.loss.last ?? .nan, digits: 4)) \(curve)",
      "  \(epochs) of \(optimizer.title) in \(seconds) s, \(reason.words), seed \(seed)",
    ]
    return lines.map { $0.count > width ? String($0.prefix(max(width - 1, 0))) + "…" : $0 }
      .joined(separator: "\n")
  }
}

extension FittedModel {
  /// Descends a function from parameters, or from where an earlier run has ended.
  static func training(
    _ function: any Callable, _ given: Value, data: Value?, constraints: Value?,
    _ request: FunctionRequest, _ context: Context, view: Bool?
  ) throws -> FittedModel {
    var earlier: FittedModel?
    if case .object(let object) = given { earlier = object as? FittedModel }
    let form: ParameterForm
    do { form = try ParameterForm([earlier?.parameters ?? given]) } catch var problem as Problem {
      problem.arguments = problem.arguments.map { .init(parameter: "X", label: $0.label) }
      throw problem
    }
    let data = try data.map { try FunctionData($0) }
    if let batch = request.batch {
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
    let function = SpreadFunction.of(function, given, takesData: data != nil)
    var training = FunctionTraining(
      function, form, data: data,
      constraints: try ParameterConstraints.read(constraints, for: form.paths), request,
      earlier: earlier, context)
    do {
      let outcome = try context.trainingLoop(view).run(&training)
      return training.result(outcome)
    } catch TrainingError.diverged(let step) {
      throw Problem(
        .computation, "the loss grew beyond all numbers in epoch \(step)", at: "optimizer",
        label: request.optimizer.title, help: "try a rate ten times smaller",
        remedy: .rewriting("optimizer", as: request.optimizer.scaled(by: 0.1).title))
    }
  }
}
