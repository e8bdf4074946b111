import Autodiff
import Matrices

/// A network laid out in memory, for batches of up to a number of rows: activations, derivatives
/// and masks are taken once, a step allocates nothing.
///
/// A training step has two parts, each shared out to the threads:
/// 1. Rows. A piece is some rows of the batch: it gathers them, goes forward through all layers,
///    takes the loss, and goes back to the derivative of every layer's `z`.
/// 2. Parameters. A piece is some rows of one layer's parameters: it takes their gradient over the
///    whole batch and updates them while they are in the cache. Nothing is summed over pieces.
///
/// The pieces depend on sizes alone, so the bits do not depend on the number of threads. The first
/// layer's input gradient is never computed.
package final class Machine {
  private let layers: [any Layer]
  private let parameters: Parameters
  private let capacity: Int
  private let workspace: Workspace
  private let input: Block
  private let outputs: [Block]
  private let training: Training?
  /// The loss of every piece of a batch, summed in order.
  private let sums: UnsafeMutablePointer<LossSum>

  /// What only training needs.
  private struct Training {
    var targets: Block
    var deltas: [Block]
    var masks: [Block?]
    var gradient: Block
    var gradients: [Block]
    var state: Block
    var pieces: [ParameterPiece]
    /// The first layer with parameters: derivatives go back no further.
    var first: Int
    /// Multiply-adds of a step for one row.
    var work: Int
  }

  /// Some rows of the parameters of a layer.
  private struct ParameterPiece {
    var layer: Int
    var rows: Range<Int>
    /// Where these parameters are in the stretch.
    var range: Range<Int>
  }

  /// Steps below this many multiply-adds are done by the caller alone (about 10 µs).
  private static let worthSharing = 1 << 18
  /// Parameters that a piece updates: their gradient and state stay in the second-level cache.
  private static let pieceSize = 1 << 15

  /// A machine for going forward only.
  package convenience init(_ layers: [any Layer], _ parameters: Parameters, rows: Int) {
    self.init(layers, parameters, rows: rows, targetColumns: nil, slots: 0)
  }

  /// A machine for training with targets of so many columns and an optimizer that keeps so many
  /// numbers a parameter.
  package convenience init(
    training layers: [any Layer], _ parameters: Parameters, rows: Int, targetColumns: Int,
    slots: Int
  ) {
    self.init(layers, parameters, rows: rows, targetColumns: .some(targetColumns), slots: slots)
  }

  private init(
    _ layers: [any Layer], _ parameters: Parameters, rows: Int, targetColumns: Int?, slots: Int
  ) {
    self.layers = layers
    self.parameters = parameters
    capacity = rows
    let size = parameters.all.columns
    var shapes = [Shape(rows, layers[0].inputs)] + layers.map { Shape(rows, $0.outputs) }
    if let targetColumns {
      shapes += [Shape(rows, targetColumns)] + layers.map { Shape(rows, $0.outputs) }
      shapes += layers.filter(\.drawsMask).map { Shape(rows, $0.outputs) }
      shapes += [Shape(1, size), Shape(slots, size)]
    }
    let workspace = Workspace(parameters.precision, shapes: shapes)
    self.workspace = workspace
    input = workspace.take(Shape(rows, layers[0].inputs))
    outputs = layers.map { workspace.take(Shape(rows, $0.outputs)) }
    training = targetColumns.map { columns in
      let targets = workspace.take(Shape(rows, columns))
      let deltas = layers.map { workspace.take(Shape(rows, $0.outputs)) }
      let masks = layers.map { layer in
        layer.drawsMask ? workspace.take(Shape(rows, layer.outputs)) : nil
      }
      let gradient = workspace.take(Shape(1, size))
      return Training(
        targets: targets, deltas: deltas, masks: masks, gradient: gradient,
        gradients: parameters.shaped(gradient), state: workspace.take(Shape(slots, size)),
        pieces: Self.pieces(parameters),
        first: parameters.shapes.firstIndex { !$0.isEmpty } ?? layers.count,
        work: 3 * size)
    }
    sums = .allocate(capacity: rows / Self.pieceRows(rows) + 1)
  }

  deinit { sums.deallocate() }

  private static func pieces(_ parameters: Parameters) -> [ParameterPiece] {
    parameters.shapes.enumerated().flatMap { layer, shape -> [ParameterPiece] in
      guard !shape.isEmpty else { return [] }
      let count = min((shape.count + pieceSize - 1) / pieceSize, shape.rows)
      let rows = (shape.rows + count - 1) / count
      return stride(from: 0, to: shape.rows, by: rows).map { first in
        let range = first..<min(first + rows, shape.rows)
        let start = parameters.starts[layer]
        return ParameterPiece(
          layer: layer, rows: range,
          range: start + range.lowerBound * shape.columns..<start + range.upperBound * shape.columns
        )
      }
    }
  }

  /// Four pieces of 16 to 64 rows, or more of 64.
  private static func pieceRows(_ rows: Int) -> Int {
    min(max((rows / 4 + 15) & ~15, 16), 64)
  }

  private func share(_ count: Int, _ isWorth: Bool, _ body: (Int) -> Void) {
    if isWorth {
      ThreadPool.shared.run(count, body)
    } else {
      for piece in 0..<count { body(piece) }
    }
  }

  // MARK: Training

  /// The state of the optimizer, one row a slot.
  package var state: Matrix {
    withExtendedLifetime(self) { training.map { Matrix($0.state) } ?? .zeros(0, 0) }
  }

  /// Goes on with an earlier state of the optimizer.
  package func restore(_ state: Matrix) {
    withExtendedLifetime(self) { training?.state.copy(from: state) }
  }

  /// The gradient that the last step has found, for every layer.
  package var gradients: [Matrix] {
    withExtendedLifetime(self) { training?.gradients.map { Matrix($0) } ?? [] }
  }

  /// One step on the given rows of the data: loss, gradient, update. Without an optimizer the
  /// parameters stay. Returns the sums over the rows, before the update.
  package func step(
    on batch: ArraySlice<Int>, of data: TrainingData, loss: any Loss, chance: RowChance,
    optimizer: (any Optimizer)?, time: Int
  ) -> LossSum {
    // Blocks do not keep their memory: it must outlive the step even if this is its last use.
    withExtendedLifetime((self, data)) {
      stepped(on: batch, of: data, loss: loss, chance: chance, optimizer: optimizer, time: time)
    }
  }

  private func stepped(
    on batch: ArraySlice<Int>, of data: TrainingData, loss: any Loss, chance: RowChance,
    optimizer: (any Optimizer)?, time: Int
  ) -> LossSum {
    guard let training else { preconditionFailure("this machine only goes forward") }
    precondition(batch.count <= capacity)
    let size = Self.pieceRows(batch.count)
    let pieces = (batch.count + size - 1) / size
    let isWorth = batch.count * training.work >= Self.worthSharing
    share(pieces, isWorth) { piece in
      let rows = piece * size..<min(batch.count, (piece + 1) * size)
      sums[piece] = backAndForth(
        rows, batch[batch.startIndex + rows.lowerBound..<batch.startIndex + rows.upperBound],
        training, data, loss, chance, 1 / Double(batch.count))
    }
    let all = 0..<batch.count
    share(training.pieces.count, isWorth) { index in
      let piece = training.pieces[index]
      let x = piece.layer == 0 ? input : outputs[piece.layer - 1]
      layers[piece.layer].parameterGradient(
        rows: piece.rows, training.deltas[piece.layer].rows(in: all), inputs: x.rows(in: all),
        into: training.gradients[piece.layer].rows(in: piece.rows))
      optimizer?.update(
        parameters.all.columns(in: piece.range),
        gradient: training.gradient.columns(in: piece.range),
        state: training.state.columns(in: piece.range), step: time)
    }
    var total = LossSum()
    for piece in 0..<pieces { total += sums[piece] }
    return total
  }

  private func backAndForth(
    _ rows: Range<Int>, _ batch: ArraySlice<Int>, _ training: Training, _ data: TrainingData,
    _ loss: any Loss, _ chance: RowChance, _ scale: Double
  ) -> LossSum {
    let last = layers.count - 1
    input.rows(in: rows).gather(batch, of: data.x)
    let targets = training.targets.rows(in: rows)
    targets.gather(batch, of: data.targets)
    func drawing(_ index: Int) -> Drawn? {
      training.masks[index].map { mask in
        var own = chance
        own.stream &+= UInt32(index)
        own.firstRow += UInt64(rows.lowerBound)
        return Drawn(mask: mask.rows(in: rows), chance: own)
      }
    }
    var x = input.rows(in: rows)
    for (index, layer) in layers.enumerated() {
      let y = outputs[index].rows(in: rows)
      layer.forward(
        x, parameters: parameters.blocks[index],
        activation: index == last && loss.includesSoftmax ? .linear : layer.activation,
        drawing: drawing(index), into: y)
      x = y
    }
    let sum = loss.evaluate(
      x, targets: targets, gradient: training.deltas[last].rows(in: rows), scale: scale)
    for index in stride(from: last, through: training.first, by: -1) {
      let delta = training.deltas[index].rows(in: rows)
      if !(index == last && loss.includesSoftmax) {
        layers[index].activation.gradient(delta, outputs: outputs[index].rows(in: rows))
      }
      if index > training.first {
        layers[index].inputGradient(
          delta, parameters: parameters.blocks[index], drawing: drawing(index),
          into: training.deltas[index - 1].rows(in: rows))
      }
    }
    return sum
  }

  // MARK: Forward

  /// Goes forward for all rows of the data and returns the sums of the loss over them.
  package func evaluate(_ data: TrainingData, loss: any Loss) -> LossSum {
    var total = LossSum()
    forward(data.x, includingActivation: !loss.includesSoftmax) { rows, outputs in
      loss.evaluate(outputs, targets: data.targets.rows(in: rows), gradient: nil, scale: 1)
    } then: {
      total += $0
    }
    return total
  }

  /// The outputs for all rows, one row a row.
  package func predict(_ x: Block, into result: Block) {
    forward(x, includingActivation: true) { rows, outputs in
      result.rows(in: rows).copy(from: outputs)
      return LossSum()
    } then: { _ in
    }
  }

  private func forward(
    _ x: Block, includingActivation: Bool, use: (Range<Int>, Block) -> LossSum,
    then: (LossSum) -> Void
  ) {
    let last = layers.count - 1
    for start in stride(from: 0, to: x.rows, by: capacity) {
      let count = min(capacity, x.rows - start)
      let size = Self.pieceRows(count)
      let pieces = (count + size - 1) / size
      share(pieces, count * parameters.all.columns >= Self.worthSharing) { piece in
        let rows = piece * size..<min(count, (piece + 1) * size)
        let place = start + rows.lowerBound..<start + rows.upperBound
        var x = x.rows(in: place)
        for (index, layer) in layers.enumerated() {
          let y = outputs[index].rows(in: rows)
          layer.forward(
            x, parameters: parameters.blocks[index],
            activation: index == last && !includingActivation ? .linear : layer.activation,
            drawing: nil, into: y)
          x = y
        }
        sums[piece] = use(place, x)
      }
      for piece in 0..<pieces { then(sums[piece]) }
    }
  }
}

/// Rows with their targets, in the precision of a machine. The matrices live as long as this does.
package final class TrainingData {
  package let rows: Int
  private let matrices: (x: Matrix, targets: Matrix)
  let x: Block
  let targets: Block

  /// Converts what has another precision or layout: at most one copy.
  package init(_ x: Matrix, targets: Matrix, _ precision: Precision) {
    matrices = (
      x.converted(to: precision).rowMajor(), targets.converted(to: precision).rowMajor()
    )
    rows = x.rows
    self.x = matrices.x.block
    self.targets = matrices.targets.block
  }
}
