import Autodiff
import Matrices
import Training

/// One step on a minibatch.
extension Machine {
  /// A step in progress.
  struct Step {
    var way: Way
    var pieces: Int
    var isWorth: Bool
    var optimizer: (any Optimizer)?
    var time: Int
    var clip: Clip
    var control: TrainingControl?
    /// What shortens the gradient to the bound of its norm.
    var factor = 1.0

    var isStopped: Bool { control?.isStopRequested ?? false }
  }

  /// What pieces do: those of the rows first, then those of the parameters.
  enum Turn {
    /// What layers compute from their parameters.
    case prepare
    /// All layers, the loss, and back.
    case rows
    /// A segment up to the next layer that looks at the whole batch.
    case forward(Int)
    /// The last segment, and the loss.
    case loss(Int)
    case backward(Int)
    case gradient
    case update
    case gradientAndUpdate
  }

  /// One step on the given rows of the data: loss, gradient, update. Without an optimizer the
  /// parameters stay. Returns the sums over the rows, before the update.
  ///
  /// Where `control` asks for a stop meanwhile, the rows that are left are not looked at: the loss
  /// is NaN then, and the parameters stay.
  package func step(
    on batch: ArraySlice<Int>, of data: TrainingData, loss: any Loss, chance: RowChance,
    optimizer: (any Optimizer)?, time: Int, clip: Clip = Clip(), control: TrainingControl? = nil
  ) -> LossSum {
    // Blocks do not keep their memory: it must outlive the step even if this is its last use.
    withExtendedLifetime((self, data)) {
      guard let training else { preconditionFailure("this machine only goes forward") }
      precondition(batch.count <= capacity)
      let size = pieceRows(batch.count)
      let pieces = (batch.count + size - 1) / size
      let way = Way(
        machine: self, training: training, batch: batch, size: size, data: data, loss: loss,
        chance: chance)
      let step = Step(
        way: way, pieces: pieces, isWorth: batch.count * plannedWork >= Self.worthSharing,
        optimizer: optimizer, time: time, clip: clip, control: control)
      current = step
      defer { current = nil }
      if !preparations.isEmpty { share(preparations.count, step, .prepare) }
      var total = LossSum()
      guard go(step) else {
        total.loss = .nan
        return total
      }
      for piece in 0..<pieces { total += sums[piece] }
      // What is no number would stay in the parameters and in the optimizer's state for ever.
      guard total.loss.isFinite else { return total }
      guard let penalty = learn(step) else {
        total.loss = .nan
        return total
      }
      total.loss += penalty * Double(batch.count)
      return total
    }
  }

  private func share(_ count: Int, _ step: Step, _ turn: Turn) {
    self.turn = turn
    if step.isWorth {
      ThreadPool.shared.run(kept: work, pieces: count)
    } else {
      for piece in 0..<count { perform(piece) }
    }
  }

  /// What a piece does at the moment.
  func perform(_ piece: Int) {
    guard let step = current else { return }
    let way = step.way
    switch turn {
    case .prepare: prepare(piece)
    case .gradient:
      if step.isStopped { return }
      findGradient(piece, step)
      partSums[piece] =
        way.training.gradient.columns(in: way.training.pieces[piece].range).sumOfSquares
    case .update: update(piece, step)
    case .gradientAndUpdate:
      findGradient(piece, step)
      update(piece, step)
    case .rows, .forward, .loss, .backward:
      if !step.isStopped { atDesk(piece) { go(way, piece, $0) } }
    }
  }

  // MARK: Part 1

  private func go(_ way: Way, _ piece: Int, _ desk: Desk) {
    switch turn {
    case .rows:
      way.start(piece, desk)
      way.forward(segments[0], piece, desk)
      sums[piece] = way.loss(piece, desk)
      sums[piece].loss += way.backward(segments[0], piece, desk)
    case .forward(let segment):
      if segment == 0 { way.start(piece, desk) }
      way.forward(segments[segment], piece, desk)
      way.gather(segments[segment + 1].lowerBound, piece, desk)
    case .loss(let segment):
      way.forward(segments[segment], piece, desk)
      sums[piece] = way.loss(piece, desk)
    case .backward(let segment):
      sums[piece].loss += way.backward(segments[segment], piece, desk)
    case .prepare, .gradient, .update, .gradientAndUpdate: break
    }
  }

  /// All rows, forward and back; false where a stop was asked for meanwhile.
  private func go(_ step: Step) -> Bool {
    let last = segments.count - 1
    if last == 0 {
      share(step.pieces, step, .rows)
      return !step.isStopped
    }
    for segment in 0..<last {
      share(step.pieces, step, .forward(segment))
      if step.isStopped { return false }
      step.way.combine(segments[segment + 1].lowerBound, step.pieces)
    }
    share(step.pieces, step, .loss(last))
    for segment in stride(from: last, through: 0, by: -1) {
      share(step.pieces, step, .backward(segment))
      if step.isStopped { return false }
      if segment > 0 { step.way.combineSlopes(segments[segment].lowerBound, step.pieces) }
    }
    return true
  }

  // MARK: Part 2

  /// Gradients and updates. Returns what the rules of the weights add to the loss, and nothing
  /// where a stop was asked for before anything was updated.
  private func learn(_ step: Step) -> Double? {
    guard let pieces = training?.pieces.indices else { return 0 }
    if step.clip.norm != nil || takesLong(step) {
      share(pieces.count, step, .gradient)
      if step.isStopped { return nil }
      var total = 0.0
      for index in pieces { total += partSums[index] }
      let norm = total.squareRoot()
      if let limit = step.clip.norm, norm > limit { current?.factor = limit / norm }
      share(pieces.count, step, .update)
    } else {
      share(pieces.count, step, .gradientAndUpdate)
    }
    var penalty = 0.0
    for index in pieces { penalty += penalties[index] }
    if step.optimizer != nil {
      for station in stations where station.layer.projects {
        station.layer.project(parameters.blocks[station.index])
      }
    }
    return penalty
  }

  /// Whether somebody who asks for a stop would wait for the gradients (some 5 ms and more).
  private func takesLong(_ step: Step) -> Bool {
    step.way.batch.count * parameters.all.columns >= 1 << 28
  }

  private func findGradient(_ index: Int, _ step: Step) {
    let all = 0..<step.way.batch.count
    let training = step.way.training
    let piece = training.pieces[index]
    let station = stations[piece.station]
    let gradient = training.gradient.columns(in: piece.range)
    if let partials = training.partials[piece.station] {
      partials.rows(in: 0..<step.pieces).columns(in: piece.own).sumColumns(into: gradient)
    } else if let delta = training.deltas[piece.station],
      let x = station.source < 0 ? training.input : training.outputs[station.source]
    {
      station.layer.parameterGradient(
        rows: piece.rows, delta.rows(in: all), inputs: x.rows(in: all),
        into: training.gradients[station.index].rows(in: piece.rows))
    }
    for place in station.users { addTied(training, piece, of: place, all) }
    penalties[index] = penalize(piece, gradient)
    if let limit = step.clip.value { gradient.clamp(to: limit) }
  }

  /// Adds what the rules of its layer ask of the weights in a piece to the gradient, and returns what
  /// they cost.
  func penalize(_ piece: ParameterPiece, _ gradient: Block) -> Double {
    let station = stations[piece.station]
    var penalty = 0.0
    for range in station.weightRanges {
      let rows = piece.rows.clamped(to: range)
      if rows.isEmpty { continue }
      let start = (rows.lowerBound - piece.rows.lowerBound) * station.width
      let weights = start..<start + rows.count * station.width
      penalty += station.layer.rules.penalize(
        parameters.all.columns(in: piece.range).columns(in: weights),
        gradient: gradient.columns(in: weights))
    }
    return penalty
  }

  private func update(_ index: Int, _ step: Step) {
    guard let training else { return }
    let range = training.pieces[index].range
    let gradient = training.gradient.columns(in: range)
    if step.factor < 1 { gradient.scale(by: step.factor) }
    step.optimizer?.update(
      parameters.all.columns(in: range), gradient: gradient,
      state: training.state.columns(in: range), step: step.time)
  }

  /// Adds what a station that uses the weights of another has to say of some of them.
  private func addTied(
    _ training: Training, _ piece: ParameterPiece, of place: Int, _ rows: Range<Int>
  ) {
    let (user, owner) = (stations[place], stations[piece.station])
    let weights = piece.rows.clamped(to: owner.layer.weightRows)
    guard let layer = user.tyingLayer, let delta = training.deltas[place],
      let x = user.source < 0 ? training.input : training.outputs[user.source], !weights.isEmpty
    else { return }
    layer.addTiedGradient(
      rows: weights, delta.rows(in: rows), inputs: x.rows(in: rows),
      into: training.gradients[owner.index].rows(in: weights))
  }
}
