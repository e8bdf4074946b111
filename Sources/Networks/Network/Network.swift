import Matrices
import Training
import Vocabulary

/// A network: an immutable value with its layers, its parameters and the history of its training.
///
/// Before training the parameters are those that the seed gives: adding a layer costs nothing.
package final class Network: Sendable {
  /// What a row of the input is.
  package let input: Geometry
  /// The layers, and what each reads.
  package let graph: Graph
  /// What the initial parameters, the order of the rows and dropout are drawn from.
  package let seed: Int
  /// How it was trained, if it was.
  package let trained: Trained?
  /// The call that added its last layer, where a program made it.
  package let made: Call?

  /// Where training stands after an epoch.
  package struct Standing: Sendable {
    /// The parameters of every layer, 0×0 for layers without.
    package var parameters: [Matrix]
    /// What the optimizer keeps of the parameters of every layer, a row a slot.
    package var state: [Matrix]
    /// How many steps the optimizer has done.
    package var steps: Int
  }

  /// What training leaves.
  package struct Trained: Sendable {
    /// What the network computes with.
    package var kept: Standing
    /// Where training goes on, when an earlier and better state was kept.
    package var latest: Standing?
    /// The optimizer, and what else was asked for, so that training can go on.
    package var optimizer: any Optimizer
    package var schedule: Schedule?
    package var clip = Clip()
    package var shuffle = true
    package var classWeights: [Double]?
    package var augmentation: Augmentation?
    package var loss: String
    package var precision: Precision
    package var batch: Int
    /// The labels of the outputs, in order, when targets were classes.
    package var classes: [Double]?
    package var history: History
    package var reason: String
    /// The epoch whose parameters were kept, when early stopping chose one.
    package var bestEpoch: Int?
    /// The private steps among its epochs.
    package var privacy: PrivacyLedger?

    package var parameters: [Matrix] { kept.parameters }
  }

  package init(
    input: Geometry, graph: Graph, seed: Int, trained: Trained? = nil, made: Call? = nil
  ) {
    self.input = input
    self.graph = graph
    self.seed = seed
    self.trained = trained
    self.made = made
  }

  /// Layers one after the other.
  package convenience init(
    inputs: Int, layers: [any Layer], seed: Int, trained: Trained? = nil
  ) { self.init(input: Geometry(inputs), graph: Graph(layers), seed: seed, trained: trained) }

  /// All layers, in an order in which each comes after those that it reads.
  package var layers: [any Layer] { graph.layers }

  /// What a row of the output is.
  package var output: Geometry { layers.last?.output ?? input }
  /// How many numbers a row of the input has, and one of the output.
  package var inputs: Int { input.count }
  package var outputs: Int { output.count }
  /// Whether any layer computes: an input alone, or one in another shape, is nothing to train.
  package var computes: Bool { layers.contains { !$0.isView } }

  /// The same network with one more layer. Layers that were trained keep what they have learnt.
  package func adding(_ layer: any Layer) -> Network {
    Network(input: input, graph: learnt.adding(layer), seed: seed)
  }

  /// The layers, with what they have learnt to start from.
  package var learnt: Graph { trained.map { graph.starting(from: $0.parameters) } ?? graph }

  /// The same layers, trained.
  package func with(_ trained: Trained?, seed: Int) -> Network {
    Network(input: input, graph: graph, seed: seed, trained: trained, made: made)
  }

  /// The parameters of every layer: trained, or as the seed gives them.
  package var parameters: [Matrix] { trained?.parameters ?? Self.initial(graph, seed: seed) }

  /// The parameters that training starts with.
  package static func initial(_ graph: Graph, seed: Int) -> [Matrix] {
    graph.layers.indices.map { initial(graph, layer: $0, seed: seed) }
  }

  private static func initial(_ graph: Graph, layer index: Int, seed: Int) -> Matrix {
    if let value = graph.values[index] { return value }
    var random = Chance.weights(seed, layer: index)
    return graph.layers[index].initialParameters(&random)
  }

  /// The parameters of one layer: those of the others are not drawn for it.
  func parameters(of index: Int) -> Matrix {
    trained?.parameters[index] ?? Self.initial(graph, layer: index, seed: seed)
  }

  package var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterShape.count } }

  /// The layers from input to output, along the longest branch: `784 → dense 128 relu → dense 10
  /// softmax`.
  package var flow: String {
    (["\(input)"] + graph.longestWay.map { layers[$0].title }).joined(separator: " → ")
  }

  /// The shapes between the layers, along the longest branch: `28×28×1 → 26×26×32 → 21632 → 10`.
  package var shapeFlow: String {
    (["\(input)"]
      + graph.longestWay.map { place in
        let layer = layers[place]
        return layer is any JoiningLayer ? "\(layer.title) \(layer.output)" : "\(layer.output)"
      }).joined(separator: " → ")
  }

  /// The outputs for every row of `x`.
  package func outputs(for x: Matrix) -> Matrix {
    outputs(for: x, with: parameters, trained?.precision ?? .single)
  }

  /// The outputs for every row of `x` with other parameters: those of the first layers count.
  func outputs(for x: Matrix, with parameters: [Matrix], _ precision: Precision) -> Matrix {
    guard computes else { return x }
    let parameters = Array(parameters.prefix(layers.count))
    let machine = Machine(
      graph, Parameters(parameters, precision), rows: min(max(x.rows, 1), Self.forwardRows))
    let result = Matrix.zeros(x.rows, outputs, precision)
    let data = x.converted(to: precision).rowMajor()
    data.withBlock { from in result.withBlock { machine.predict(from, into: $0) } }
    return result
  }

  /// Rows that go forward together: enough for every thread, few enough for little memory.
  static let forwardRows = 1024
}

/// The generators of a network, all from one seed: what one draws does not depend on the others.
enum Chance {
  static func weights(_ seed: Int, layer: Int) -> Random {
    root(seed).split(1).split(UInt32(layer))
  }

  static func order(_ seed: Int, epoch: Int) -> Random {
    root(seed).split(2).split(UInt32(truncatingIfNeeded: epoch))
  }

  /// What a dictionary that starts from data draws.
  static func dictionary(_ seed: Int, layer: Int) -> Random {
    root(seed).split(4).split(UInt32(layer))
  }

  static func validation(_ seed: Int) -> Random { root(seed).split(3) }

  /// The stream of the first layer's dropout; the other layers have the next ones.
  static let dropoutStream: UInt32 = 0x4000_0000

  /// The stream of changed pictures.
  static let pictureStream: UInt32 = 0x2000_0000

  static func root(_ seed: Int) -> Random { Random(seed: UInt64(bitPattern: Int64(seed))) }
}
