import Autodiff
import Matrices
import Training
import Vocabulary

/// The way of some rows through a network and back to them, layer after layer and as outside of
/// training: how the outputs change with the inputs, and how long every layer takes. Training never
/// goes back that far.
package final class InputSlopes {
  private let network: Network
  private let parameters: Parameters
  private let workspace: Workspace
  private let x: Block
  private let dx: Block
  private var stops: [Stop] = []

  /// The memory of one layer.
  private struct Stop {
    var y: Block
    var dy: Block
    var kept: Block
    var scratch: Block
    var prepared: Block
    var gradient: Block
  }

  /// For so many rows at a time.
  package init(_ network: Network, rows: Int, _ precision: Precision = .double) {
    self.network = network
    parameters = Parameters(network.parameters, precision)
    let row = Shape(rows, network.inputs)
    let shapes = network.layers.map { layer in
      [
        Shape(rows, layer.outputs), Shape(rows, layer.outputs), Shape(rows, layer.keptColumns),
        Shape(1, layer.scratch(rows: rows)), Shape(1, layer.preparedCount), layer.parameterShape,
      ]
    }
    let workspace = Workspace(precision, shapes: [row, row] + shapes.flatMap { $0 })
    self.workspace = workspace
    x = workspace.take(row)
    dx = workspace.take(row)
    stops = shapes.map { shapes in
      let blocks = shapes.map { workspace.take($0) }
      return Stop(
        y: blocks[0], dy: blocks[1], kept: blocks[2], scratch: blocks[3], prepared: blocks[4],
        gradient: blocks[5])
    }
  }

  private var layers: [any Layer] { network.layers }

  /// What the last layer gives before a softmax, and the derivative of one of its columns in the
  /// rows. There must be as many rows as there is memory for.
  package func run(_ rows: Matrix, column: Int) -> (outputs: Matrix, slopes: Matrix) {
    withExtendedLifetime((self, workspace)) {
      x.copy(from: rows)
      for place in layers.indices { forward(place) }
      guard let last = stops.last else { return (rows, .zeros(rows.rows, rows.columns)) }
      let outputs = Matrix(last.y)
      dx.fill(0)
      for stop in stops { stop.dy.fill(0) }
      last.dy.columns(in: column..<column + 1).fill(1)
      for place in layers.indices.reversed() { backward(place) }
      return (outputs, Matrix(dx))
    }
  }

  private func output(_ place: Int) -> Block { place < 0 ? x : stops[place].y }
  private func slope(_ place: Int) -> Block { place < 0 ? dx : stops[place].dy }
  private func sources(_ place: Int) -> [Int] { network.graph.sources[place] }

  private func pass(_ place: Int) -> Pass {
    let (layer, stop) = (layers[place], stops[place])
    let own = layer.activation
    var pass = Pass(
      x: output(sources(place)[0]), y: stop.y, parameters: parameters.blocks[place],
      activation: place == layers.count - 1 && own == .softmax ? .linear : own, kept: stop.kept,
      scratch: stop.scratch, prepared: stop.prepared, chance: nil, scale: 0)
    // With the scale 0, terms that layers add to the loss are no part of the slopes.
    pass.tied = network.graph.ties[place].map { parameters.blocks[$0] }
    return pass
  }

  private func forward(_ place: Int) {
    let (layer, stop) = (layers[place], stops[place])
    if let joining = layer as? any JoiningLayer {
      for (branch, source) in sources(place).enumerated() {
        joining.take(output(source), of: branch, into: stop.y)
      }
    } else if layer.isView {
      stop.y.copy(from: output(sources(place)[0]))
    } else {
      if layer.preparedCount > 0 { layer.prepare(parameters.blocks[place], into: stop.prepared) }
      layer.forward(pass(place))
    }
  }

  /// Adds to the derivatives of what the layer reads.
  private func backward(_ place: Int) {
    let (layer, stop) = (layers[place], stops[place])
    if let joining = layer as? any JoiningLayer {
      for (branch, source) in sources(place).enumerated() {
        joining.give(stop.dy, to: branch, into: slope(source), adding: true)
      }
      return
    }
    let into = slope(sources(place)[0])
    if layer.isView { return into.add(stop.dy) }
    let pass = pass(place)
    let found = Matrix.zeros(into.rows, into.columns, into.precision)
    found.withBlock { found in
      if let batch = layer as? any BatchLayer {
        batch.backward(pass, dy: stop.dy, dx: found)
      } else if layer is DropoutLayer {
        found.copy(from: stop.dy)
      } else {
        let gradient = layer.parameterShape.isEmpty ? nil : stop.gradient
        _ = layer.backward(pass, dy: stop.dy, dx: found, gradient: gradient)
      }
      into.add(found)
    }
  }

  // MARK: Times

  /// How long every layer takes for a row, forward and back with the gradient of its parameters:
  /// the best of several tries.
  func times(of rows: Matrix) -> [LayerTime] {
    withExtendedLifetime((self, workspace)) {
      x.copy(from: rows)
      return layers.indices.map { place in
        let forward = Self.seconds { self.forward(place) }
        stops[place].dy.fill(0.5)
        let backward = Self.seconds {
          self.backward(place)
          findGradient(place)
        }
        return LayerTime(
          forward: forward / Double(rows.rows), backward: backward / Double(rows.rows))
      }
    }
  }

  /// The gradient of parameters that is not found on the way back.
  private func findGradient(_ place: Int) {
    let (layer, stop) = (layers[place], stops[place])
    guard !layer.parameterShape.isEmpty, layer.trainedRows > 0 else { return }
    if case .byParameters = layer.gradientPlan {
      let rows = 0..<layer.trainedRows
      layer.parameterGradient(
        rows: rows, stop.dy, inputs: output(sources(place)[0]), into: stop.gradient.rows(in: rows))
    }
  }

  private static func seconds(_ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let seconds = (0..<9).map { _ in clock.measure(body).inSeconds }
    return seconds.min() ?? 0
  }
}

/// How long a layer takes for one row, in seconds.
struct LayerTime {
  var forward: Double
  var backward: Double

  /// Rows that are measured together.
  static let rows = 32
}

extension Network: TimedObject {
  package func timedSummary(width: Int) -> String {
    guard computes else { return summary(width: width) }
    let precision = trained?.precision ?? .single
    var random = Random(seed: 1)
    // Numbers that every layer takes, embeddings too.
    let x = Matrix.ones(LayerTime.rows, inputs)
    let rows =
      layers.contains { $0 is Embedding } ? x : random.uniform(LayerTime.rows, inputs)
    let times = InputSlopes(self, rows: LayerTime.rows, precision).times(of: rows)
    return summary(width: width, times: times)
  }
}
