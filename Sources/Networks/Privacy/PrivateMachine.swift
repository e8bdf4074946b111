import Autodiff
import Matrices

/// Steps of training that protect every example (Abadi et al., "Deep learning with differential
/// privacy", CCS 2016): the gradient of each is shortened to a norm C, and noise is added to their
/// sum.
///
/// The norms of a layer that is a `GhostLayer` come from inputs and derivatives. The gradient is
/// linear in the derivatives, so shortened ones (row by row, once all norms of an example are
/// known) give the sum of the shortened gradients in one product for the whole batch, without
/// going back a second time (Bu et al., ICML 2023). So it is for a `LateLayer`, piece by piece, from
/// what it keeps. Other layers form the gradients of single examples; so many rows are taken at a
/// time that these stay within some megabytes.
///
/// Weights that a layer shares with another are not for it: their two parts would have to be one.
/// It works on the parameters, the gradient and the optimizer's state of a `Machine`.
package final class PrivateMachine {
  let machine: Machine
  let training: Machine.Training
  private let capacity: Int
  private let workspace: Workspace
  let places: [Place]
  private let input: Block
  private let targets: Block
  let part: Block
  private let spares: [Block]
  private let scratches: [Block]
  let squares: UnsafeMutablePointer<Double>
  private let sums: UnsafeMutablePointer<LossSum>

  /// What a layer needs for the rows that are taken at a time.
  struct Place {
    var output: Block
    var delta: Block
    var kept: Block
    /// The gradients of single examples, one a row; none where norms come without.
    var gradients: Block?
    /// The shortened gradients of the pieces of a `LateLayer`, one a row.
    var partials: Block?
  }

  static let pieceRows = 32
  /// Numbers in the gradients of single examples at a time.
  private static let mostGradients = 1 << 23

  package init?(_ machine: Machine, rows: Int, targetColumns: Int) {
    guard let training = machine.training else { return nil }
    self.machine = machine
    self.training = training
    let late = machine.stations.map(\.lateLayer)
    let explicit = machine.stations.map {
      $0.isTrained && !($0.layer is any GhostLayer) && $0.lateLayer == nil
    }
    let explicitCount = zip(machine.stations, explicit)
      .reduce(0) { $0 + ($1.1 ? $1.0.layer.parameterShape.count : 0) }
    let most = max(1, Self.mostGradients / max(explicitCount, 1))
    capacity = max(1, min(rows, most, 16 * Self.pieceRows))
    let (capacity, pieceRows) = (capacity, min(Self.pieceRows, capacity))
    let pieces = (capacity + pieceRows - 1) / pieceRows
    let scratch =
      zip(machine.stations, late).map {
        max($0.layer.scratch(rows: pieceRows), $1?.normScratch ?? 0)
      }.max() ?? 0
    let largest = training.pieces.map(\.range.count).max() ?? 0
    var shapes = [
      Shape(capacity, machine.stations.first?.layer.inputs ?? 0), Shape(capacity, targetColumns),
      Shape(training.pieces.count, largest),
    ]
    let spare =
      machine.stations.filter { $0.joiningLayer == nil && $0.sources[0].isShared }
      .map(\.layer.inputs).max() ?? 0
    shapes += Array(repeating: Shape(1, scratch), count: pieces)
    shapes += Array(repeating: Shape(pieceRows, spare), count: pieces)
    for (index, isExplicit) in explicit.enumerated() {
      let layer = machine.stations[index].layer
      shapes += [
        Shape(capacity, layer.outputs), Shape(capacity, layer.outputs),
        Shape(capacity, late[index]?.lateColumns ?? layer.keptColumns),
      ]
      if isExplicit { shapes.append(Shape(capacity, layer.parameterShape.count)) }
      if late[index] != nil { shapes.append(Shape(pieces, layer.parameterShape.count)) }
    }
    workspace = Workspace(machine.parameters.precision, shapes: shapes)
    var next = shapes.makeIterator()
    let workspace = workspace
    func take() -> Block { workspace.take(next.next() ?? Shape(0, 0)) }
    (input, targets, part) = (take(), take(), take())
    scratches = (0..<pieces).map { _ in take() }
    spares = (0..<pieces).map { _ in take() }
    places = zip(explicit, late).map { isExplicit, late in
      Place(
        output: take(), delta: take(), kept: take(), gradients: isExplicit ? take() : nil,
        partials: late == nil ? nil : take())
    }
    squares = .allocate(capacity: capacity)
    sums = .allocate(capacity: pieces)
    sums.initialize(repeating: LossSum(), count: pieces)
  }

  deinit {
    squares.deallocate()
    sums.deallocate()
  }

  /// One step on examples that were drawn apart from each other; with none of them it adds noise
  /// all the same. Without an optimizer the parameters stay. Returns the sums over the examples.
  package func step(
    on batch: [Int], of data: TrainingData, loss: any Loss, chance: RowChance, noise: Noise,
    optimizer: (any Optimizer)?, time: Int
  ) -> LossSum {
    withExtendedLifetime((self, data)) {
      machine.prepare()
      training.gradient.fill(0)
      var total = LossSum()
      for first in stride(from: 0, to: batch.count, by: capacity) {
        let rows = batch[first..<min(first + capacity, batch.count)]
        var chance = chance
        chance.firstRow += UInt64(first)
        total += go(rows, data, loss, chance, noise.clip)
        addGradient(rows.count)
      }
      total.loss += finish(noise, optimizer, time) * Double(batch.count)
      return total
    }
  }

  /// Forward and back; leaves what every example contributes, shortened.
  private func go(
    _ batch: ArraySlice<Int>, _ data: TrainingData, _ loss: any Loss, _ chance: RowChance,
    _ clip: Double
  ) -> LossSum {
    let size = Self.pieceRows
    let pieces = (batch.count + size - 1) / size
    machine.share(pieces, isWorth(batch.count)) { piece in
      let rows = piece * size..<min(batch.count, (piece + 1) * size)
      let own = batch[batch.startIndex + rows.lowerBound..<batch.startIndex + rows.upperBound]
      input.rows(in: rows).gather(own, of: data.x)
      targets.rows(in: rows).gather(own, of: data.targets)
      sums[piece] = go(rows, scratches[piece], spares[piece], loss, chance)
      shorten(rows, to: clip)
      for place in places.indices {
        guard let partials = places[place].partials,
          let layer = machine.stations[place].lateLayer
        else { continue }
        let shape = layer.parameterShape
        layer.lateGradient(
          pass(place, rows, scratches[piece], loss, chance), scaledBy: squares + rows.lowerBound,
          into: partials.rows(in: piece..<piece + 1).packed(shape.rows, shape.columns))
      }
    }
    var total = LossSum()
    for piece in 0..<pieces { total += sums[piece] }
    return total
  }

  func isWorth(_ rows: Int) -> Bool {
    var work = 0
    for station in machine.stations { work += 3 * station.layer.work }
    return rows * work >= Machine.worthSharing
  }

  /// One piece there and back, with the squared norms of its examples.
  private func go(
    _ rows: Range<Int>, _ scratch: Block, _ spare: Block, _ loss: any Loss, _ chance: RowChance
  ) -> LossSum {
    let stations = machine.stations
    for place in stations.indices {
      guard let layer = stations[place].joiningLayer else {
        stations[place].layer.forward(pass(place, rows, scratch, loss, chance))
        continue
      }
      for (branch, source) in stations[place].sources.enumerated() {
        layer.take(
          output(source.place, rows), of: branch, into: places[place].output.rows(in: rows))
      }
    }
    guard let last = places.last else { return LossSum() }
    // The derivatives are those of single examples, not of the mean.
    var sum = loss.evaluate(
      last.output.rows(in: rows), targets: targets.rows(in: rows),
      gradient: last.delta.rows(in: rows), scale: 1)
    let norms = squares + rows.lowerBound
    norms.initialize(repeating: 0, count: rows.count)
    for place in stations.indices.reversed() where stations[place].goesBack {
      let layer = stations[place].layer
      let dy = places[place].delta.rows(in: rows)
      if let join = stations[place].joiningLayer {
        giveBack(join, stations[place], dy, rows)
        continue
      }
      let pass = pass(place, rows, scratch, loss, chance)
      let (source, isShared) = stations[place].sources[0]
      let slope =
        source >= 0 && stations[source].goesBack ? places[source].delta.rows(in: rows) : nil
      // Where another branch has written before, this one is added.
      let dx =
        isShared && slope != nil
        ? spare.reshaped(1, spare.count).columns(in: 0..<rows.count * layer.inputs)
          .packed(rows.count, layer.inputs) : slope
      if let gradients = places[place].gradients?.rows(in: rows) {
        sum.loss += layer.exampleGradients(pass, dy: dy, dx: dx, into: gradients)
        gradients.addSquares(to: norms)
      } else if let late = stations[place].lateLayer {
        sum.loss += late.lateBackward(pass, dy: dy, dx: dx)
        late.addExampleNorms(pass, to: norms)
      } else {
        sum.loss += layer.backward(pass, dy: dy, dx: dx, gradient: nil)
        (layer as? any GhostLayer)?.addExampleNorms(dy, inputs: pass.x, to: norms)
      }
      if isShared, let dx { slope?.add(dx) }
    }
    return sum
  }

  /// What a station gives; below 0, the input.
  func output(_ place: Int, _ rows: Range<Int>) -> Block {
    (place < 0 ? input : places[place].output).rows(in: rows)
  }

  private func giveBack(
    _ layer: any JoiningLayer, _ station: Machine.Station, _ dy: Block, _ rows: Range<Int>
  ) {
    for (branch, source) in station.sources.enumerated()
    where source.place >= 0 && machine.stations[source.place].goesBack {
      layer.give(
        dy, to: branch, into: places[source.place].delta.rows(in: rows), adding: source.isShared)
    }
  }

  private func pass(
    _ place: Int, _ rows: Range<Int>, _ scratch: Block, _ loss: any Loss, _ chance: RowChance
  ) -> Pass {
    let station = machine.stations[place]
    var chance = chance
    chance.stream &+= UInt32(station.index)
    chance.firstRow += UInt64(rows.lowerBound)
    let own = station.layer.activation
    return Pass(
      x: output(station.source, rows), y: output(place, rows),
      parameters: machine.parameters.blocks[station.index],
      activation: place == places.count - 1 && own == loss.absorbs ? .linear : own,
      kept: places[place].kept.rows(in: rows), scratch: scratch,
      prepared: machine.prepared[place], chance: chance, scale: 1)
  }
}
