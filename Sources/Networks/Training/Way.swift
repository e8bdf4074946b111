import Autodiff
import Matrices

/// The way of one batch through a machine: where the rows of a piece lie, forward and back.
struct Way {
  let machine: Machine
  let training: Machine.Training
  let batch: ArraySlice<Int>
  /// Rows a piece.
  let size: Int
  let data: TrainingData
  let loss: any Loss
  let chance: RowChance

  private var scale: Double { 1 / Double(batch.count) }
  private var last: Int { machine.stations.count - 1 }

  private func rows(_ piece: Int) -> Range<Int> {
    piece * size..<min(batch.count, (piece + 1) * size)
  }

  private func input(_ piece: Int, _ desk: Machine.Desk) -> Block {
    let rows = rows(piece)
    return training.input?.rows(in: rows) ?? desk.input.rows(in: 0..<rows.count)
  }

  private func output(_ place: Int, _ piece: Int, _ desk: Machine.Desk) -> Block {
    let rows = rows(piece)
    return training.outputs[place]?.rows(in: rows) ?? desk.outputs[place].rows(in: 0..<rows.count)
  }

  private func delta(_ place: Int, _ piece: Int, _ desk: Machine.Desk) -> Block {
    let rows = rows(piece)
    return training.deltas[place]?.rows(in: rows) ?? desk.deltas[place].rows(in: 0..<rows.count)
  }

  private func pass(_ place: Int, _ piece: Int, _ desk: Machine.Desk) -> Pass {
    let station = machine.stations[place]
    let rows = rows(piece)
    var chance = chance
    chance.stream &+= UInt32(station.index)
    chance.firstRow += UInt64(rows.lowerBound)
    let own = station.layer.activation
    return Pass(
      x: place == 0 ? input(piece, desk) : output(place - 1, piece, desk),
      y: output(place, piece, desk), parameters: machine.parameters.blocks[station.index],
      activation: place == last && own == loss.absorbs ? .linear : own,
      kept: desk.kept[place].rows(in: 0..<rows.count), scratch: desk.scratch,
      prepared: machine.prepared[place], chance: chance, scale: scale)
  }

  /// Gathers the rows of a piece.
  func start(_ piece: Int, _ desk: Machine.Desk) {
    let rows = rows(piece)
    let wanted = batch[batch.startIndex + rows.lowerBound..<batch.startIndex + rows.upperBound]
    input(piece, desk).gather(wanted, of: data.x)
    training.targets.rows(in: rows).gather(wanted, of: data.targets)
  }

  func forward(_ segment: Range<Int>, _ piece: Int, _ desk: Machine.Desk) {
    for place in segment {
      let pass = pass(place, piece, desk)
      if let layer = machine.stations[place].batchLayer, let found = combined(place, 0) {
        layer.forward(pass, statistics: found)
      } else {
        machine.stations[place].layer.forward(pass)
      }
    }
  }

  func loss(_ piece: Int, _ desk: Machine.Desk) -> LossSum {
    loss.evaluate(
      output(last, piece, desk), targets: training.targets.rows(in: rows(piece)),
      gradient: delta(last, piece, desk), scale: scale)
  }

  /// Back through a segment; what layers add to the loss of these rows.
  func backward(_ segment: Range<Int>, _ piece: Int, _ desk: Machine.Desk) -> Double {
    var added = 0.0
    let upper = segment.upperBound
    if upper <= last, machine.stations[upper].batchLayer != nil {
      backThroughBatch(upper, piece, desk)
    }
    for place in stride(from: upper - 1, through: max(segment.lowerBound, training.first), by: -1) {
      let pass = pass(place, piece, desk)
      let dy = delta(place, piece, desk)
      if let layer = machine.stations[place].batchLayer, let partials = partials(place, 1),
        let found = combined(place, 0), let gradient = gradient(place, piece)
      {
        layer.gatherSlopes(
          pass, dy: dy, statistics: found, into: partials.rows(in: piece..<piece + 1),
          gradient: gradient)
        continue
      }
      added += machine.stations[place].layer.backward(
        pass, dy: dy, dx: place > training.first ? delta(place - 1, piece, desk) : nil,
        gradient: gradient(place, piece))
    }
    return added
  }

  private func gradient(_ place: Int, _ piece: Int) -> Block? {
    training.partials[place].map { partials in
      let shape = machine.stations[place].layer.parameterShape
      return partials.rows(in: piece..<piece + 1).packed(shape.rows, shape.columns)
    }
  }

  // MARK: Layers that look at the whole batch

  /// The sums of the pieces, one a row: first those of going forward, then of going back.
  private func partials(_ place: Int, _ half: Int) -> Block? {
    training.statistics[place].map { block in
      let count = block.rows / 2
      return block.rows(in: half * count..<(half + 1) * count - 1)
    }
  }

  /// What they are together.
  private func combined(_ place: Int, _ half: Int) -> Block? {
    training.statistics[place].map { block in
      let count = block.rows / 2
      return block.rows(in: (half + 1) * count - 1..<(half + 1) * count)
    }
  }

  func gather(_ place: Int, _ piece: Int, _ desk: Machine.Desk) {
    guard let layer = machine.stations[place].batchLayer, let partials = partials(place, 0) else {
      return
    }
    layer.gather(pass(place, piece, desk).x, into: partials.rows(in: piece..<piece + 1))
  }

  func combine(_ place: Int, _ pieces: Int) {
    guard let layer = machine.stations[place].batchLayer, let partials = partials(place, 0),
      let found = combined(place, 0)
    else { return }
    layer.combine(
      partials.rows(in: 0..<pieces), into: found,
      parameters: machine.parameters.blocks[machine.stations[place].index])
  }

  func combineSlopes(_ place: Int, _ pieces: Int) {
    guard let partials = partials(place, 1), let found = combined(place, 1) else { return }
    partials.rows(in: 0..<pieces).sumColumns(into: found)
  }

  private func backThroughBatch(_ place: Int, _ piece: Int, _ desk: Machine.Desk) {
    guard let layer = machine.stations[place].batchLayer, place >= training.first,
      let found = combined(place, 0), let slopes = combined(place, 1)
    else { return }
    layer.backward(
      pass(place, piece, desk), dy: delta(place, piece, desk),
      dx: place > training.first ? delta(place - 1, piece, desk) : nil, statistics: found,
      slopes: slopes)
  }
}
