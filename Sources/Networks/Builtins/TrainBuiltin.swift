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
  Parameter<OptimizerValue?>(
    "optimizer",
    "sgd(…), adam(…) …, or one's name (\"sgd\", or sgd) for its usual settings; adam(0.001) when left out"
  ),
  Parameter<String>(
    "loss", "what is made small; auto: crossentropy after softmax, else mse", default: "auto",
    choices: ["auto"] + losses.map(\.name)),
  Parameter<Value?>("validation", "{Xv, yv}, or the part of the rows to hold out, such as 0.1"),
  Parameter<Int?>(
    "patience", "epochs without a lower validation loss before it stops and keeps the best",
    in: .between(1, 1e9)),
  Parameter<Bool?>("shuffle", "whether every epoch takes the rows in a new order, as it does"),
  Parameter<ScheduleValue?>("schedule", "how the rate changes: step(…), cosine(…) …"),
  Parameter<Double?>("clip", "the largest norm of the gradient of a step; no privacy by itself"),
  Parameter<Double?>("clip_value", "the largest number in the gradient of a step"),
  Parameter<PrivacyValue?>("private", "dp(…) bounds and hides what each row contributes"),
  Parameter<Value?>(
    "class_weights", "how much the rows of each class count: \"balanced\", or a number for each"),
  Parameter<Augmentation?>("augment", "how images are changed at random: augment(shift=2) …"),
  Parameter<String?>(
    "checkpoint", "a .safetensors file that keeps the run on the way: load it, and train goes on"),
  Parameter<Int?>(
    "checkpoint_every", "epochs from one time to the next; 1 when left out", in: .between(1, 1e9)),
  Parameter<Bool?>("view", "whether to watch it live"),
  Parameter<Int?>(
    "seed", "draws initial weights, order and dropout; the network's own when left out"),
  Parameter<String?>(
    "precision", "the width of the numbers a network computes with; f32 when left out",
    choices: ["f32", "f64"]),
  shapes: "network, m×n, m×k → network",
  math: """
    A trained network goes on as if it had never stopped, bit for bit, and what is left out stays as \
    it was: optimizer (with its state), schedule, batch, loss, clip, class_weights, augment, shuffle, \
    precision, seed. Another \
    rate goes on with the state, another optimizer starts its own; epochs count on, and draw their \
    order from their number, with other data too. After patience has ended a run, the best goes on.
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
      data: Value?, constraints: Value?, optimizer: OptimizerValue?, loss: String,
      validation: Value?, patience: Int?, shuffle: Bool?, schedule: ScheduleValue?, clip: Double?,
      clipValue: Double?, privacy: PrivacyValue?, classWeights: Value?, augmentation: Augmentation?,
      checkpoint: String?,
      every: Int?, view: Bool?, seed: Int?,
      precision: String?
    ) -> Value in
    let call = TrainCall(
      context: context, given: given, y: y, epochs: epochs, batch: batch, data: data,
      constraints: constraints, optimizer: optimizer?.optimizer, loss: loss,
      validation: validation, patience: patience, shuffle: shuffle, schedule: schedule?.schedule,
      clip: Clip(norm: try limit(clip, at: "clip"), value: try limit(clipValue, at: "clip_value")),
      privacy: privacy?.settings, classWeights: classWeights, augmentation: augmentation,
      checkpoint: try Checkpoint(checkpoint, every: every, context), view: view, seed: seed,
      precision: precision)
    if case .function(let function) = model { return try call.descend(function) }
    guard let net = Network.from(model) else {
      throw Problem(
        .type, "'net' needs a network, or a function", at: "net", label: model.label,
        help: Network.hint)
    }
    return try call.train(net)
  })

/// A bound of the gradient: above 0.
private func limit(_ number: Double?, at parameter: String) throws -> Double? {
  guard let number else { return nil }
  guard number > 0 && number.isFinite else {
    throw Problem(
      .value, "'\(parameter)' must be above 0 and finite", at: parameter,
      label: "the number \(NumberFormat.short(number))")
  }
  return number
}
