import Autodiff
import Matrices
import Training
import Vocabulary

let trainBuiltin = Builtin(
  "train", in: .train,
  "Trains a network on rows of X with targets y, or descends a function of parameters.",
  Parameter<Value>(
    "net", "the network, or a function of parameters (and data); a trained one goes on where it was"
  ),
  Parameter<Value>(
    "X", "one sample a row; of a function its parameters, or what an earlier run returned"),
  Parameter<Matrix?>(
    positional: "y", "a column of classes, or a column for every output; not for a function"),
  Parameter<Int?>(
    "epochs", "passes over the data: 10 of a network, 100 of a function", in: .between(0, 1e9)),
  Parameter<Int?>(
    "batch", "rows a step: of a network 32 unless there are fewer, of a function all",
    in: .between(1, 1e9)),
  Parameter<Value?>(
    "data", "what a function takes beside its parameters: a matrix, or a list, cut along rows"),
  Parameter<Value?>(
    "constraints",
    "of a function's parameters: {W = \"nonnegative\"}, \"simplex\", \"unit\" (columns, or a row), {low, high}"
  ),
  Parameter<OptimizerValue>("optimizer", "sgd(…), adam(…) …", default: OptimizerValue(Adam())),
  Parameter<String>(
    "loss", "what is made small; auto: crossentropy after softmax, else mse", default: "auto",
    choices: ["auto"] + losses.map(\.name)),
  Parameter<Value?>("validation", "{Xv, yv}, or the part of the rows to hold out, such as 0.1"),
  Parameter<Int?>(
    "patience", "epochs without a lower validation loss before it stops and keeps the best",
    in: .between(1, 1e9)),
  Parameter<Bool>("shuffle", "whether every epoch takes the rows in a new order", default: true),
  Parameter<ScheduleValue?>("schedule", "how the rate changes: step(…), cosine(…) …"),
  Parameter<Double?>("clip", "the largest norm of the gradient of a step; no privacy by itself"),
  Parameter<Double?>("clip_value", "the largest number in the gradient of a step"),
  Parameter<PrivacyValue?>("private", "dp(…) bounds and hides what each row contributes"),
  Parameter<Bool?>("view", "whether to watch it live"),
  Parameter<Int?>(
    "seed", "draws initial weights, order and dropout; the network's own when left out"),
  Parameter<String?>(
    "precision", "the width of the numbers a network computes with; f32 when left out",
    choices: ["f32", "f64"]),
  shapes: "network, m×n, m×k → network",
  math: """
    Labels of a column y are whole numbers. As many labels as outputs: the outputs stand for them \
    in order; fewer: for 0 to n−1 when there is a 0, else for 1 to n. The field classes says which.
    A function of a matrix, a list or a record returns its loss, one number; the model has what was \
    found in params (fields of a record also by name: m.W) and the losses in history.
    """,
  seeAlso: ["evaluate", "predict", "accuracy", "adam", "sgd", "cosine"],
  examples: [
    Example(
      """
      X = [0, 0; 0, 1; 1, 0; 1, 1]
      net = input(2) |> dense(10, relu) |> dense(2, softmax)
      net = train(net, X, [0; 1; 1; 0], epochs=300, batch=4, optimizer=adam(0.05), seed=1)
      accuracy(net, X, [0; 1; 1; 0])
      """, prints: "1"),
    Example(
      """
      X = [1, 2; 2, 4; 3, 6]
      loss(p) = sum((X - p.W * p.H) .^ 2)
      start = {W = ones(3, 1), H = ones(1, 2)}
      m = train(loss, start, epochs=300, optimizer=adam(0.05), constraints={W = "nonnegative"})
      round(m.W * m.H, 2)
      """, prints: "1  2\n2  4\n3  6"),
  ],
  using: {
    (
      context: Context, model: Value, given: Value, y: Matrix?, epochs: Int?, batch: Int?,
      fed: Value?, constraints: Value?,
      optimizer: OptimizerValue, loss: String, validation: Value?, patience: Int?, shuffle: Bool,
      schedule: ScheduleValue?, clip: Double?, clipValue: Double?, privacy: PrivacyValue?,
      view: Bool?, seed: Int?,
      precision: String?
    ) -> Value in
    let clipping = Clip(
      norm: try clip.map { try limit($0, at: "clip") },
      value: try clipValue.map { try limit($0, at: "clip_value") })
    if case .function(let function) = model {
      try refuse(
        y != nil, "a function takes its data by name", at: "y", help: "write data={X, y}",
        remedy: .rewriting("y", as: "data=$"))
      try refuse(loss != "auto", "a function is its own loss", at: "loss")
      try refuse(validation != nil, "validation is for networks", at: "validation")
      try refuse(patience != nil, "patience is for networks", at: "patience")
      try refuse(privacy != nil, "private training is of networks", at: "private")
      try refuse(
        precision != nil, "a function computes in the precision of its parameters",
        at: "precision", help: "float32(…) makes parameters of 32 bits")
      var request = FunctionRequest(
        epochs: epochs ?? 100, batch: batch, optimizer: optimizer.optimizer, shuffle: shuffle,
        seed: context.generator(seed: seed).seed)
      request.schedule = schedule?.schedule
      request.clip = clipping
      return .object(
        try FittedModel.training(
          function, given, data: fed, constraints: constraints, request, context, view: view))
    }
    guard let net = Network.from(model) else {
      throw Problem(
        .type, "'net' needs a network, or a function", at: "net", label: model.label,
        help: Network.hint)
    }
    try refuse(fed != nil, "a network takes its data as X and y", at: "data")
    try refuse(
      constraints != nil, "constraints of a network are said of its layers", at: "constraints",
      help: "as in dense(64, nonnegative=true)")
    guard let matrix = Matrix.from(given) else {
      throw Problem(.type, "'X' needs a matrix", at: "X", label: given.label)
    }
    guard let y else { throw CallError.missing("y", takes: "matrix") }
    let x = try net.checked(matrix, at: "X")
    let loss = try lossFunction(loss, for: net)
    let targets = try Targets(
      y, rows: x.rows, outputs: net.outputs, loss: loss, known: net.trained?.classes, at: "y")
    if let batch, batch > x.rows {
      throw Problem(
        .value, "a batch has at most as many rows as X: \(x.rows)", at: "batch",
        label: "the number \(batch)", help: "use batch=\(x.rows) for all rows at once")
    }
    if patience != nil && validation == nil {
      throw Problem(
        .value, "patience watches the validation loss, and there is none", at: "patience",
        help: "add validation=0.1")
    }
    var request = TrainingRequest(
      epochs: epochs ?? 10, batch: batch ?? 1, optimizer: optimizer.optimizer, loss: loss,
      classifies: loss.classifies || net.layers.last?.activation == .softmax,
      patience: patience, shuffle: shuffle, seed: seed ?? net.seed,
      precision: precision == "f64" ? .double : .single)
    request.schedule = schedule?.schedule
    request.clip = clipping
    let (data, held) = try heldOut(validation, x, targets, net: net, request)
    if batch == nil { request.batch = min(32, data.rows) }
    request.privacy = try privacy.map { try $0.settings.checked(for: net, request, data.rows) }
    var training = NetworkTraining(net, request, data: data, validation: held)
    do {
      let outcome = try context.trainingLoop(view).run(&training)
      return .object(training.result(outcome, classes: targets.classes))
    } catch TrainingError.diverged(let step) {
      throw Problem(
        .computation, "the loss grew beyond all numbers in epoch \(step)", at: "optimizer",
        label: request.optimizer.title, help: "try a rate ten times smaller",
        remedy: .rewriting("optimizer", as: request.optimizer.scaled(by: 0.1).title))
    }
  })

private func refuse(
  _ isWrong: Bool, _ message: String, at parameter: String, help: String? = nil,
  remedy: Problem.Remedy? = nil
) throws {
  if isWrong { throw Problem(.value, message, at: parameter, help: help, remedy: remedy) }
}

/// The loss of that name, if it suits the network's last layer.
func lossFunction(_ name: String, for net: Network) throws -> any Loss {
  let endsInSoftmax = net.layers.last?.activation == .softmax
  guard name != "auto", let loss = losses.first(where: { $0.name == name }) else {
    return endsInSoftmax ? CrossEntropy() : MeanSquaredError()
  }
  if let absorbed = loss.absorbs, net.layers.last?.activation != absorbed {
    let units = max(net.outputs, absorbed == .softmax ? 2 : 1)
    let other = absorbed == .softmax && net.outputs == 1 ? ", or use loss=\"mse\"" : ""
    throw Problem(
      .value, "\(name) needs probabilities: the last layer must end in \(absorbed.rawValue)",
      at: "net", label: net.flow,
      help: "end the network with dense(\(units), \(absorbed.rawValue))\(other)")
  }
  if case .sides = loss.targets, endsInSoftmax {
    throw Problem(
      .value, "hinge compares scores, not probabilities", at: "net", label: net.flow,
      help: "leave the softmax out: end the network with dense(\(net.outputs))",
      remedy: .replacing(
        "dense(\(net.outputs), softmax)", in: "net", with: "dense(\(net.outputs))"))
  }
  return loss
}

/// A bound of the gradient: above 0.
private func limit(_ number: Double, at parameter: String) throws -> Double {
  guard number > 0 && number.isFinite else {
    throw Problem(
      .value, "'\(parameter)' must be above 0 and finite", at: parameter,
      label: "the number \(NumberFormat.short(number))")
  }
  return number
}

/// The data to train on and the data to validate with: a pair that was given, or rows held out.
private func heldOut(
  _ validation: Value?, _ x: Matrix, _ targets: Targets, net: Network, _ request: TrainingRequest
) throws -> (TrainingData, TrainingData?) {
  let precision = request.precision
  guard let validation else { return (TrainingData(x, targets: targets.matrix, precision), nil) }
  if case .list(let pair) = validation, pair.count == 2, let xv = Matrix.from(pair[0]),
    let yv = Matrix.from(pair[1])
  {
    let held = try net.checked(xv, at: "validation")
    let heldTargets = try Targets(
      yv, rows: held.rows, outputs: net.outputs, loss: request.loss, known: targets.classes,
      at: "validation", allowsOneClass: true)
    return (
      TrainingData(x, targets: targets.matrix, precision),
      TrainingData(held, targets: heldTargets.matrix, precision)
    )
  }
  guard let fraction = Double.from(validation) else {
    throw Problem(
      .type, "validation is a list {X, y}, or the part of the rows to hold out", at: "validation",
      label: validation.label, help: "write validation=0.1")
  }
  guard fraction > 0 && fraction < 1 else {
    throw Problem(
      .value, "the part to hold out must be above 0 and below 1", at: "validation",
      label: validation.label)
  }
  let count = max(1, Int((Double(x.rows) * fraction).rounded()))
  guard x.rows - count >= request.batch else {
    throw Problem(
      .value,
      "with \(count) of \(x.rows) rows held out, a batch of \(request.batch) rows must remain",
      at: "batch", label: "the number \(request.batch)",
      help: x.rows > count ? "use batch=\(x.rows - count)" : "hold out a smaller part")
  }
  var random = Chance.validation(request.seed)
  let order = random.permutation(x.rows)
  let (out, kept) = (order.prefix(count).sorted(), order.dropFirst(count).sorted())
  func part(_ rows: [Int]) -> TrainingData {
    TrainingData(x.selecting(rows: rows), targets: targets.matrix.selecting(rows: rows), precision)
  }
  return (part(kept), part(out))
}
