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

  /// What a station gives; below 0, the input.
  private func output(_ place: Int, _ piece: Int, _ desk: Machine.Desk) -> Block {
    if place < 0 { return input(piece, desk) }
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
    var pass = Pass(
      x: output(station.source, piece, desk),
      y: output(place, piece, desk), parameters: machine.parameters.blocks[station.index],
      activation: place == last && own == loss.absorbs ? .linear : own,
      kept: desk.kept[place].rows(in: 0..<rows.count), scratch: desk.scratch,
      prepared: machine.prepared[place], chance: chance, scale: scale)
    pass.tied = station.tie.map { machine.parameters.blocks[$0] }
    return pass
  }

  /// Gathers the rows of a piece.
  func start(_ piece: Int, _ desk: Machine.Desk) {
    let rows = rows(piece)
    let wanted = batch[batch.startIndex + rows.lowerBound..<batch.startIndex + rows.upperBound]
    if let changes = data.changes {
      input(piece, desk).gather(
        wanted, of: data.x, changed: changes, seed: chance.seed, stream: Chance.pictureStream,
        firstRow: chance.firstRow + UInt64(rows.lowerBound))
    } else {
      input(piece, desk).gather(wanted, of: data.x)
    }
    training.targets.rows(in: rows).gather(wanted, of: data.targets)
  }

  func forward(_ segment: Range<Int>, _ piece: Int, _ desk: Machine.Desk) {
    for place in segment {
      if let layer = machine.stations[place].joiningLayer {
        let (sources, y) = (machine.stations[place].sources, output(place, piece, desk))
        for branch in sources.indices {
          layer.take(output(sources[branch].place, piece, desk), of: branch, into: y)
        }
        continue
      }
      let pass = pass(place, piece, desk)
      if let layer = machine.stations[place].batchLayer, let found = combined(place, 0) {
        layer.forward(pass, statistics: found)
      } else {
        machine.stations[place].layer.forward(pass)
      }
    }
  }

  func loss(_ piece: Int, _ desk: Machine.Desk) -> LossSum {
    let outputs = output(last, piece, desk)
    let targets = training.targets.rows(in: rows(piece))
    let gradient = delta(last, piece, desk)
    guard let weights = data.weights else {
      return loss.evaluate(outputs, targets: targets, gradient: gradient, scale: scale)
    }
    var sum = LossSum()
    for (place, row) in rows(piece).enumerated() {
      let weight = weights[batch[batch.startIndex + row]]
      let one = place..<place + 1
      var found = loss.evaluate(
        outputs.rows(in: one), targets: targets.rows(in: one), gradient: gradient.rows(in: one),
        scale: scale * weight)
      found.loss *= weight
      sum += found
    }
    return sum
  }

  /// Back through a segment; what layers add to the loss of these rows.
  func backward(_ segment: Range<Int>, _ piece: Int, _ desk: Machine.Desk) -> Double {
    var added = 0.0
    let upper = segment.upperBound
    if upper <= last, machine.stations[upper].batchLayer != nil {
      backThroughBatch(upper, piece, desk)
    }
    for place in stride(from: upper - 1, through: segment.lowerBound, by: -1)
    where machine.stations[place].goesBack {
      if let layer = machine.stations[place].joiningLayer {
        backThroughJoin(layer, place, piece, desk)
        continue
      }
      let pass = pass(place, piece, desk)
      if let strips = machine.stations[place].strips, let gradient = gradient(place, piece) {
        let reading = self.pass(strips.reader, piece, desk)
        let dz = delta(strips.reader, piece, desk)
        strips.layer.backward(pass, gradient: gradient) { columns, strip in
          strips.source.inputGradient(reading, dz: dz, columns: columns, into: strip)
        }
        continue
      }
      let dy = delta(place, piece, desk)
      if let layer = machine.stations[place].batchLayer, let partials = partials(place, 1),
        let found = combined(place, 0), let gradient = gradient(place, piece)
      {
        layer.gatherSlopes(
          pass, dy: dy, statistics: found, into: partials.rows(in: piece..<piece + 1),
          gradient: gradient)
        continue
      }
      let dx = slope(place, piece, desk)
      added += machine.stations[place].layer.backward(
        pass, dy: dy, dx: dx, gradient: gradient(place, piece))
      addSlope(dx, place, piece, desk)
    }
    return added
  }

  // MARK: Branches

  /// Where a station writes the derivative of what it reads: at its place, or beside it where
  /// another branch has written before; nowhere where nothing is trained further back, or where
  /// strips are asked for later.
  private func slope(_ place: Int, _ piece: Int, _ desk: Machine.Desk) -> Block? {
    let station = machine.stations[place]
    guard station.source >= 0, machine.stations[station.source].goesBack,
      machine.stations[station.source].strips == nil
    else { return nil }
    guard station.sources[0].isShared else { return delta(station.source, piece, desk) }
    let (rows, width) = (rows(piece).count, station.layer.inputs)
    return desk.spare.columns(in: 0..<rows * width).packed(rows, width)
  }

  /// Adds what was written beside its place.
  private func addSlope(_ dx: Block?, _ place: Int, _ piece: Int, _ desk: Machine.Desk) {
    let (source, isShared) = machine.stations[place].sources[0]
    if isShared, let dx { delta(source, piece, desk).add(dx) }
  }

  private func backThroughJoin(
    _ layer: any JoiningLayer, _ place: Int, _ piece: Int, _ desk: Machine.Desk
  ) {
    let (sources, dy) = (machine.stations[place].sources, delta(place, piece, desk))
    for branch in sources.indices {
      let (source, isShared) = sources[branch]
      guard source >= 0, machine.stations[source].goesBack else { continue }
      layer.give(dy, to: branch, into: delta(source, piece, desk), adding: isShared)
    }
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
      parameters: machine.parameters.blocks[machine.stations[place].index],
      isWhole: machine.seesAllRows)
  }

  func combineSlopes(_ place: Int, _ pieces: Int) {
    guard let partials = partials(place, 1), let found = combined(place, 1) else { return }
    partials.rows(in: 0..<pieces).sumColumns(into: found)
  }

  private func backThroughBatch(_ place: Int, _ piece: Int, _ desk: Machine.Desk) {
    guard let layer = machine.stations[place].batchLayer,
      let found = combined(place, 0), let slopes = combined(place, 1)
    else { return }
    let dx = slope(place, piece, desk)
    layer.backward(
      pass(place, piece, desk), dy: delta(place, piece, desk), dx: dx, statistics: found,
      slopes: slopes)
    addSlope(dx, place, piece, desk)
  }
}
