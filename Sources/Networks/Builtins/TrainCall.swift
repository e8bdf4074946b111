import Autodiff
import Matrices
import Training
import Vocabulary

/// One call of `train`: its arguments, and what they mean for a network or a function. What is left
/// out stays as an earlier run had it.
struct TrainCall {
  let context: Context
  let given: Value
  let y: Matrix?
  let epochs: Int?
  let batch: Int?
  let data: Value?
  let constraints: Value?
  let optimizer: (any Optimizer)?
  let loss: String
  let validation: Value?
  let patience: Int?
  let shuffle: Bool?
  let schedule: Schedule?
  let clip: Clip
  let privacy: PrivacySettings?
  let classWeights: Value?
  let augmentation: Augmentation?
  let checkpoint: Checkpoint?
  let view: Bool?
  let seed: Int?
  let precision: String?

  private func refuse(
    _ isWrong: Bool, _ message: String, at parameter: String, help: String? = nil,
    remedy: Problem.Remedy? = nil
  ) throws {
    if isWrong { throw Problem(.value, message, at: parameter, help: help, remedy: remedy) }
  }

  /// What is said of a run that met numbers that are none before it had anything to keep.
  private func failure(_ words: String, _ optimizer: any Optimizer) -> Problem {
    Problem(
      .computation, words, at: self.optimizer == nil ? nil : "optimizer", label: optimizer.title,
      help: "try a rate ten times smaller, or clip=1")
  }

  /// The squares of larger numbers are hardly numbers any more: no rate helps with them.
  private static let largest = 1e15

  /// The same of a network, whose rows may be the reason.
  private func failure(_ words: String, _ optimizer: any Optimizer, rows x: Matrix) -> Problem {
    let reach = max(x.total(.maximum), -x.total(.minimum))
    if reach < Self.largest { return failure(words, optimizer) }
    return Problem(
      .computation, words, at: "X", label: "numbers up to \(NumberFormat.short(reach))",
      help: "bring the columns to one scale first: standardize(X)")
  }

  // MARK: Functions

  /// Descends a function of parameters.
  func descend(_ function: any Callable) throws -> Value {
    let takesData = function.signature.parameters.count > 1
    try refuse(
      y != nil, "a function takes its data by name", at: "y",
      help: takesData
        ? "write data=…, a list where it takes several"
        : "this one takes its parameters alone: leave it out",
      remedy: takesData ? .rewriting("y", as: "data=$") : nil)
    try refuse(loss != "auto", "a function is its own loss", at: "loss")
    try refuse(validation != nil, "validation is for networks", at: "validation")
    try refuse(patience != nil, "patience is for networks", at: "patience")
    try refuse(privacy != nil, "private training is of networks", at: "private")
    try refuse(classWeights != nil, "a function weights its rows itself", at: "class_weights")
    try refuse(augmentation != nil, "augmentation is for networks of images", at: "augment")
    try refuse(
      precision != nil, "a function computes in the precision of its parameters",
      at: "precision", help: "float32(…) makes parameters of 32 bits")
    let earlier = FittedModel.from(given)?.request
    var request = FunctionRequest(
      epochs: epochs ?? 100, batch: batch ?? earlier?.batch,
      optimizer: optimizer ?? earlier?.optimizer ?? Adam(),
      shuffle: shuffle ?? earlier?.shuffle ?? true,
      seed: seed ?? earlier?.seed ?? context.generator(seed: nil).seed)
    request.schedule = schedule ?? earlier?.schedule
    request.clip = clip.filled(from: earlier?.clip)
    request.constraints = constraints ?? earlier?.constraints
    request.checkpoint = checkpoint
    if let rule = request.optimizer as? LBFGS {
      try check(rule)
    }
    var training = try FunctionTraining(function, given, data: data, request, context)
    do {
      let outcome = try context.trainingLoop(view).run(&training)
      let model = Value.object(training.result(outcome.reason))
      try checkpoint?.keep(model)
      return model
    } catch TrainingError.diverged(let epoch) {
      throw failure("the loss is no number any more in epoch \(epoch)", request.optimizer)
    }
  }

  // MARK: Networks

  /// Trains a network.
  func train(_ net: Network) throws -> Value {
    try refuse(data != nil, "a network takes its data as X and y", at: "data")
    try refuse(
      constraints != nil, "constraints of a network are said of its layers", at: "constraints",
      help: "as in dense(64, nonnegative=true)")
    guard let matrix = Matrix.from(given) else {
      throw Problem(.type, "'X' needs a matrix", at: "X", label: given.label)
    }
    guard let y else { throw CallError.missing("y", takes: "matrix") }
    let x = try net.checked(matrix, at: "X")
    let earlier = net.trained
    let loss = try lossFunction(loss == "auto" ? earlier?.loss ?? loss : loss, for: net)
    let targets = try Targets(
      y, rows: x.rows, outputs: net.outputs, loss: loss, known: earlier?.classes, at: "y")
    if let batch, batch > x.rows {
      throw Problem(
        .value, "a batch has at most as many rows as X: \(x.rows)", at: "batch",
        label: "the number \(batch)", help: "use batch=\(x.rows) for all rows at once")
    }
    try refuse(
      patience != nil && validation == nil,
      "patience watches the validation loss, and there is none", at: "patience",
      help: "add validation=0.1")
    var request = try request(for: net, loss, targets)
    let (data, held) = try heldOut(validation, x, targets, net: net, request)
    if batch == nil { request.batch = min(earlier?.batch ?? 32, data.rows) }
    if let privacy {
      request.privacy = try checked(privacy, &request).checked(for: net, request, data.rows)
    }
    if let rule = request.optimizer as? LBFGS {
      try check(rule, net)
      request.batch = data.rows
      (request.schedule, request.clip, request.augmentation) = (nil, Clip(), nil)
    }
    data.weigh(by: request.classWeights, targets.kinds != nil)
    data.changes = try request.augmentation?.changes(of: net.input)
    var training = NetworkTraining(net, request, data: data, validation: held)
    do {
      let outcome = try context.trainingLoop(view).run(&training)
      let trained = Value.object(training.result(outcome.reason))
      try checkpoint?.keep(trained)
      return trained
    } catch TrainingError.diverged(let epoch) {
      throw failure(
        training.divergence?.words ?? "the loss is no number any more in epoch \(epoch)",
        request.optimizer, rows: x)
    }
  }

  private func request(for net: Network, _ loss: any Loss, _ targets: Targets) throws
    -> TrainingRequest
  {
    let earlier = net.trained
    let wanted = precision.map { $0 == "f64" ? Precision.double : .single }
    var request = TrainingRequest(
      epochs: epochs ?? 10, batch: batch ?? 1,
      optimizer: optimizer ?? earlier?.optimizer ?? Adam(), loss: loss,
      classifies: loss.classifies || net.layers.last?.activation == .softmax,
      patience: patience, shuffle: shuffle ?? earlier?.shuffle ?? true, seed: seed ?? net.seed,
      precision: wanted ?? earlier?.precision ?? .single)
    request.classes = targets.classes
    request.schedule = schedule ?? earlier?.schedule
    request.clip = clip.filled(from: earlier?.clip)
    request.classWeights =
      try classWeights.map { try ClassWeights.read($0, targets) } ?? earlier?.classWeights
    request.augmentation = augmentation ?? earlier?.augmentation
    request.checkpoint = checkpoint
    return request
  }

  /// Private training, which does not go on with bounds, weights and changes of an earlier run.
  private func checked(_ privacy: PrivacySettings, _ request: inout TrainingRequest) throws
    -> PrivacySettings
  {
    try refuse(
      classWeights != nil, "private training counts all rows alike", at: "class_weights")
    try refuse(
      augmentation != nil, "private training takes the rows as they are", at: "augment")
    try refuse(
      request.optimizer is LBFGS, "private training takes steps on some of the rows",
      at: "optimizer", help: "use adam(…) or sgd(…)")
    (request.clip, request.classWeights, request.augmentation) = (clip, nil, nil)
    return privacy
  }

  /// What an optimizer that searches along lines cannot have.
  private func check(_ rule: LBFGS, _ net: Network? = nil) throws {
    try refuse(
      batch != nil, "\(rule.title) takes all rows at once", at: "batch", help: "leave it out",
      remedy: .leavingOut("batch"))
    try refuse(
      schedule != nil, "\(rule.title) finds the length of its steps itself", at: "schedule")
    try refuse(
      clip.norm != nil || clip.value != nil, "\(rule.title) needs the whole gradient",
      at: clip.norm != nil ? "clip" : "clip_value")
    try refuse(
      augmentation != nil, "\(rule.title) needs the same images at every evaluation", at: "augment")
    guard let net else { return }
    for (place, layer) in net.layers.enumerated() {
      guard let constraint = layer.rules.constraint, constraint.bounds == nil else { continue }
      throw Problem(
        .value,
        "\(rule.title) keeps weights within bounds, and layer \(place + 1), \(layer.title), asks for "
          + "columns of one length or sum", at: "net", label: net.flow,
        help: "use adam(…) with this network",
        remedy: .adding("optimizer=adam()"))
    }
  }
}

extension Clip {
  /// The same, with what an earlier run had where nothing is said.
  fileprivate func filled(from earlier: Clip?) -> Clip {
    Clip(norm: norm ?? earlier?.norm, value: value ?? earlier?.value)
  }
}
