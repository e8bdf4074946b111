import Autodiff
import Matrices

/// What examples contribute, shortened, summed, and hidden in noise.
extension PrivateMachine {
  /// How noise is added.
  package struct Noise {
    package var generator: ChaCha
    package var stream: UInt64
    /// σ, in units of the bound.
    package var deviation: Double
    /// C.
    package var clip: Double
    /// The expected number of examples in a step, by which the sum is divided.
    package var batch: Double

    package init(
      generator: ChaCha, stream: UInt64, deviation: Double, clip: Double, batch: Double
    ) {
      self.generator = generator
      self.stream = stream
      self.deviation = deviation
      self.clip = clip
      self.batch = batch
    }
  }

  /// Turns squared norms into factors `min(1, C / ‖g‖)`, and shortens the derivatives that the
  /// gradients of whole layers are taken from. An example whose gradient is no number counts as 0.
  func shorten(_ rows: Range<Int>, to clip: Double) {
    let norms = squares + rows.lowerBound
    for row in 0..<rows.count {
      let norm = norms[row].squareRoot()
      norms[row] = norm <= clip ? 1 : (norm.isFinite ? clip / norm : 0)
    }
    for place in places.indices
    where machine.stations[place].isTrained && places[place].partials == nil {
      (places[place].gradients ?? places[place].delta).rows(in: rows).scaleRows(by: norms)
    }
  }

  /// Adds the sum of what the first rows contribute.
  func addGradient(_ count: Int) {
    let rows = 0..<count
    machine.share(training.pieces.count, isWorth(count)) { index in
      let piece = training.pieces[index]
      let gradient = training.gradient.columns(in: piece.range)
      let place = places[piece.station]
      if let gradients = place.gradients {
        gradients.rows(in: rows).columns(in: piece.own).addColumns(into: gradient)
        return
      }
      if let partials = place.partials {
        let pieces = (count + Self.pieceRows - 1) / Self.pieceRows
        partials.rows(in: 0..<pieces).columns(in: piece.own).addColumns(into: gradient)
        return
      }
      let layer = machine.stations[piece.station].layer
      let found = part.rows(in: index..<index + 1).columns(in: 0..<gradient.columns)
      layer.parameterGradient(
        rows: piece.rows, place.delta.rows(in: rows),
        inputs: output(machine.stations[piece.station].source, rows),
        into: found.packed(piece.rows.count, layer.parameterShape.columns))
      gradient.add(found)
    }
  }

  /// Noise, the mean, the rules of the weights, the step. Returns what the rules add to the loss.
  func finish(_ noise: Noise, _ optimizer: (any Optimizer)?, _ time: Int) -> Double {
    let size = 1 << 13
    let count = training.gradient.columns
    let isWorth = count >= size
    machine.share((count + size - 1) / size, isWorth) { piece in
      let range = piece * size..<min((piece + 1) * size, count)
      let part = training.gradient.columns(in: range)
      if noise.deviation > 0 {
        part.addNoise(
          noise.generator, stream: noise.stream, first: range.lowerBound,
          deviation: noise.deviation * noise.clip)
      }
      part.scale(by: 1 / noise.batch)
    }
    let all = machine.parameters.all
    var penalty = 0.0
    for piece in training.pieces {
      penalty += machine.penalize(piece, training.gradient.columns(in: piece.range))
    }
    guard let optimizer else { return penalty }
    machine.share(training.pieces.count, isWorth) { index in
      let range = training.pieces[index].range
      optimizer.update(
        all.columns(in: range), gradient: training.gradient.columns(in: range),
        state: training.state.columns(in: range), step: time)
    }
    for station in machine.stations where station.layer.projects {
      station.layer.project(machine.parameters.blocks[station.index])
    }
    return penalty
  }
}
