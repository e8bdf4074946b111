import Matrices
import Training
import Vocabulary

/// A network in a file: the calls that make its layers, its weights under the names of its fields,
/// and where its training stands.
///
/// A new layer costs nothing here: its builtin is called again with the arguments that it was given.
extension Network: Storable {
  package static let storedKind = "network"

  package var stored: Record {
    get throws {
      var parts = Record([
        ("layers", .list(try Recipe(of: self).steps)), ("seed", .number(Double(seed))),
      ])
      guard let trained else {
        // Layers of an earlier network start from what they have learnt there.
        if graph.values.contains(where: { $0?.isEmpty == false }) {
          parts["start"] = .list(graph.values.map { $0.map { .matrix($0) } ?? .nothing })
        }
        return parts
      }
      for (name, value) in stored(trained.parameters) { parts[name] = .matrix(value) }
      parts["training"] = .record(trained.parts)
      return parts
    }
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> Network {
    let made = try Recipe.network(of: try parts("layers"), in: parts.library, context)
    let seed: Int = try parts("seed")
    guard let training: Record = try parts("training") else {
      let start: [Value]? = try parts("start")
      return try start.map { try made.starting(from: $0, seed: seed) } ?? made.with(nil, seed: seed)
    }
    let parameters = try made.restoredParameters(from: parts)
    if let place = parameters.firstIndex(where: { $0.firstNonFinite != nil }) {
      throw Parts.damage("a weight of layer \(place + 1) is no number")
    }
    let trained = try Trained(Parts(training), of: made, parameters, context)
    return made.with(trained, seed: seed)
  }

  // MARK: Weights

  /// The parameters as a file names them: as the fields of a network, or, of a layer whose names do
  /// not say everything, as a whole.
  private func stored(_ parameters: [Matrix]) -> [(String, Matrix)] {
    zip(names(), parameters).flatMap { names, values -> [(String, Matrix)] in
      var start = 0
      return names.map { name, shape in
        defer { start += shape.rows }
        return (name, values.rows(in: start..<start + shape.rows))
      }
    }
  }

  /// The same, with parameters that some layers start from.
  private func starting(from list: [Value], seed: Int) throws -> Network {
    let values = list.map(Matrix.from)
    let fit = zip(values, layers).allSatisfy { value, layer in
      value.map { $0.shape == layer.parameterShape && $0.firstNonFinite == nil } ?? true
    }
    guard values.count == layers.count, fit else {
      throw Parts.damage("what the layers start from does not fit them")
    }
    return Network(input: input, graph: graph.starting(from: values), seed: seed, made: made)
  }

  private func restoredParameters(from parts: Parts) throws -> [Matrix] {
    try zip(names(), layers).map { names, layer in
      names.isEmpty
        ? .zeros(0, 0) : .above(try names.map { try parts.matrix($0.name, $0.shape) })
    }
  }

  /// The names and shapes of what lies above each other in the parameters of every layer.
  private func names() -> [[(name: String, shape: Shape)]] {
    var number = 0
    return layers.map { layer in
      let shape = layer.parameterShape
      guard !shape.isEmpty else { return [] }
      number += 1
      let named = layer.named(.zeros(shape.rows, shape.columns)).map {
        (name: "\($0.name)\(number)", shape: $0.value.shape)
      }
      let isWhole =
        named.allSatisfy { $0.shape.columns == shape.columns }
        && named.reduce(0) { $0 + $1.shape.rows } == shape.rows
      return isWhole ? named : [("parameters\(number)", shape)]
    }
  }
}

// MARK: Layers

/// The calls that make a network, each after those whose networks it takes: branches that begin
/// with the same layers are made from the same calls.
private struct Recipe {
  private(set) var steps: [Value] = []
  private var places: [ObjectIdentifier: Int] = [:]

  private static let mark = "step"

  init(of network: Network) throws { _ = try step(of: network) }

  private mutating func step(of network: Network) throws -> Int {
    if let known = places[ObjectIdentifier(network)] { return known }
    guard var call = network.made else {
      throw Problem(
        .type, "a file keeps networks that are made by calls of layers", label: network.flow)
    }
    for (key, value) in zip(call.arguments.keys, call.arguments.values) {
      call.arguments[key] = try replaced(value)
    }
    steps.append(.record(call.parts))
    places[ObjectIdentifier(network)] = steps.count
    return steps.count
  }

  /// The value with numbers of steps in the place of networks.
  private mutating func replaced(_ value: Value) throws -> Value {
    if let network = Network.from(value) {
      return .record(Record([(Self.mark, .number(Double(try step(of: network))))]))
    }
    guard case .list(let list) = value else { return value }
    return .list(try list.map { try replaced($0) })
  }

  /// The network that the last of the steps makes.
  static func network(of steps: [Value], in library: Library, _ context: Context) throws
    -> Network
  {
    // What may be called: the builtins of layers alone.
    let table = Library(library.all.filter { $0.family == .layers })
    var made: [Network] = []
    for step in steps {
      try Interrupt.check()
      guard case .record(let record) = step else { throw Parts.damage("a layer that is no call") }
      var call = try Call(Parts(record))
      for (key, value) in zip(call.arguments.keys, call.arguments.values) {
        call.arguments[key] = try returned(value, made)
      }
      made.append(try call.repeated(in: table, context))
    }
    guard let last = made.last else { throw Parts.damage("a network without layers") }
    return last
  }

  private static func returned(_ value: Value, _ made: [Network]) throws -> Value {
    switch value {
    case .record(let record) where record.keys == [mark]:
      guard let place = record[mark].flatMap({ Int.from($0) }), place >= 1, place <= made.count
      else { throw Parts.damage("a layer that comes before its input") }
      return .object(made[place - 1])
    case .list(let list): return .list(try list.map { try returned($0, made) })
    default: return value
    }
  }
}

extension Network: Remembering {
  package func remembering(_ call: Call) -> Network {
    var call = call
    // What starts a network draws its seed, unless it is given.
    if !call.arguments.values.contains(where: { Network.from($0) != nil }) {
      call.arguments["seed"] = .number(Double(seed))
    }
    return Network(input: input, graph: graph, seed: seed, trained: trained, made: call)
  }
}

// MARK: Training

extension Network.Standing {
  fileprivate var parts: Record {
    Record([
      ("parameters", .list(parameters.map { .matrix($0) })),
      ("state", .list(state.map { .matrix($0) })), ("steps", .number(Double(steps))),
    ])
  }
}

extension Network.Trained {
  fileprivate var parts: Record {
    var parts = Record([
      ("optimizer", .object(OptimizerValue(optimizer))), ("loss", .text(loss)),
      ("precision", .text(precision == .single ? "f32" : "f64")), ("batch", .number(Double(batch))),
      ("shuffle", .boolean(shuffle)), ("reason", .text(reason)),
      ("history", .record(history.parts)), ("steps", .number(Double(kept.steps))),
      ("state", .list(kept.state.map { .matrix($0) })),
    ])
    if let schedule { parts["schedule"] = .object(ScheduleValue(schedule)) }
    if let norm = clip.norm { parts["clip"] = .number(norm) }
    if let value = clip.value { parts["clip_value"] = .number(value) }
    if let classWeights { parts["class_weights"] = .list(classWeights.map { .number($0) }) }
    if let augmentation { parts["augment"] = .object(augmentation) }
    if let classes { parts["classes"] = .list(classes.map { .number($0) }) }
    if let bestEpoch { parts["best_epoch"] = .number(Double(bestEpoch)) }
    if let privacy { parts["privacy"] = .record(privacy.parts) }
    if let latest { parts["latest"] = .record(latest.parts) }
    return parts
  }

  fileprivate init(
    _ parts: Parts, of network: Network, _ parameters: [Matrix], _ context: Context
  ) throws {
    let optimizer: OptimizerValue = try parts("optimizer")
    let layers = network.layers
    let slots = optimizer.optimizer.slots
    func state(_ parts: Parts) throws -> [Matrix] {
      let list: [Value] = try parts("state")
      let state = list.compactMap(Matrix.from)
      guard state.map(\.shape) == layers.map({ Shape(slots, $0.parameterShape.count) }) else {
        throw Parts.damage("the state of the optimizer does not fit the layers")
      }
      return state
    }
    let schedule: ScheduleValue? = try parts("schedule")
    let classes: [Value]? = try parts("classes")
    let weights: [Value]? = try parts("class_weights")
    let precision: String = try parts("precision")
    let latest: Record? = try parts("latest")
    let ledger: Record? = try parts("privacy")
    self.init(
      kept: Network.Standing(
        parameters: parameters, state: try state(parts), steps: try parts.count("steps")),
      latest: try latest.map { record in
        let parts = Parts(record)
        let list: [Value] = try parts("parameters")
        let latest = list.compactMap(Matrix.from)
        guard latest.map(\.shape) == parameters.map(\.shape) else {
          throw Parts.damage("the last weights do not fit the layers")
        }
        return Network.Standing(
          parameters: latest, state: try state(parts), steps: try parts.count("steps"))
      },
      optimizer: optimizer.optimizer, schedule: schedule?.schedule,
      clip: Clip(norm: try parts("clip"), value: try parts("clip_value")),
      shuffle: try parts("shuffle"), classWeights: weights?.compactMap(Double.from),
      augmentation: try parts("augment"), loss: try parts("loss"),
      precision: precision == "f64" ? .double : .single,
      batch: try parts.count("batch", atLeast: 1),
      classes: classes?.compactMap(Double.from), history: try History(Parts(try parts("history"))),
      reason: try parts("reason"), bestEpoch: try parts("best_epoch"),
      privacy: try ledger.map { try PrivacyLedger(Parts($0)) })
    if let classWeights, classWeights.count != max(network.outputs, 2) {
      throw Parts.damage("the weights of the classes do not fit the outputs")
    }
    if let classes = self.classes,
      classes.count != network.outputs || Set(classes).count != classes.count
    {
      throw Parts.damage("the classes do not fit the outputs")
    }
  }
}

extension History {
  private static var columns: [(name: String, path: WritableKeyPath<History, [Double]>)] {
    [
      ("loss", \.loss), ("accuracy", \.accuracy), ("validation_loss", \.validationLoss),
      ("validation_accuracy", \.validationAccuracy), ("epsilon", \.epsilon),
      ("seconds", \.seconds),
    ]
  }

  /// As lists, without the columns that no epoch has.
  var parts: Record {
    Record(
      Self.columns.compactMap { name, path in
        let numbers = self[keyPath: path]
        return numbers.allSatisfy(\.isNaN) && name != "loss"
          ? nil : (name, .list(numbers.map { .number($0) }))
      })
  }

  init(_ parts: Parts) throws {
    self.init()
    let loss: [Value] = try parts("loss")
    for (name, path) in Self.columns {
      let column: [Value]? = try parts(name)
      let numbers =
        column.map { $0.compactMap(Double.from) }
        ?? [Double](repeating: .nan, count: loss.count)
      guard numbers.count == loss.count else {
        throw Parts.damage("the columns of the history are not equally long")
      }
      self[keyPath: path] = numbers
    }
  }
}
