import Autodiff
import Matrices
import Synchronization

/// A network laid out in memory, for batches of up to a number of rows: activations, derivatives
/// and what layers work in are taken once, a step allocates nothing.
///
/// A training step has two parts, each shared out to the threads:
/// 1. Rows. A piece is some rows of the batch: it gathers them, goes forward through all layers,
///    takes the loss, and goes back. Layers that use few parameters often find the gradient of
///    these rows on the way.
/// 2. Parameters. A piece is some of one layer's parameters: it takes their gradient over the
///    whole batch, or sums that of the pieces in order, and updates them while they are in the
///    cache.
///
/// The pieces depend on sizes alone, so the bits do not depend on the number of threads. Only what
/// part 2 reads is kept for the whole batch; the rest of a piece lies in a desk that the next piece
/// takes over. The first layer's input gradient is never computed.
///
/// A layer that looks at the whole batch (`BatchLayer`) parts the way into segments: all pieces
/// wait before it.
///
/// Where branches part, the derivatives of all that read an output are added: the last reader
/// writes, those before it add.
package final class Machine {
  let stations: [Station]
  let parameters: Parameters
  private let capacity: Int
  let pieceCapacity: Int
  private let workspace: Workspace
  let training: Training?
  let desks: [Desk]
  private let freeDesks: Atomic<UInt64>
  /// Where a `BatchLayer` starts a new segment, with the ends.
  let segments: [Range<Int>]
  /// What layers compute once a step from their parameters.
  let prepared: [Block]
  /// The loss of every piece of a batch, summed in order.
  let sums: UnsafeMutablePointer<LossSum>
  /// A number of every piece of the parameters, summed in order.
  private let partSums: UnsafeMutablePointer<Double>
  private let penalties: UnsafeMutablePointer<Double>

  /// A layer that computes, and which one of the network's it is.
  struct Station {
    var layer: any Layer
    var index: Int
    /// The layer again, where it looks at the whole batch, or joins branches.
    var batchLayer: (any BatchLayer)?
    var joiningLayer: (any JoiningLayer)?
    /// The stations that it reads, and whether a later one has written their derivative before;
    /// below 0 stands the input.
    var sources: [(place: Int, isShared: Bool)]
    /// The layer whose weights it uses, and the stations that use its own.
    var tie: Int?
    var users: [Int] = []
    /// The rows of its parameters that rules hold for.
    var weightRanges: [Range<Int>]
    /// Whether derivatives go back through it: it, or one before it, has parameters.
    var goesBack: Bool

    var source: Int { sources[0].place }

    var width: Int { layer.parameterShape.columns }
    var isTrained: Bool { !layer.parameterShape.isEmpty }
    var isByRows: Bool {
      if case .byRows = layer.gradientPlan { isTrained } else { false }
    }
    var isByParameters: Bool { isTrained && !isByRows }
  }

  /// Memory for one piece at a time.
  struct Desk {
    var input: Block
    var outputs: [Block]
    var deltas: [Block]
    var kept: [Block]
    var scratch: Block
    /// Where a derivative is written before it is added to that of another branch.
    var spare: Block
  }

  /// What only training needs.
  struct Training {
    var targets: Block
    /// For the whole batch, where part 2 reads them: the input, outputs and derivatives.
    var input: Block?
    var outputs: [Block?]
    var deltas: [Block?]
    /// The gradients of the pieces, one a row.
    var partials: [Block?]
    /// For a `BatchLayer`: sums of the pieces, and what all of them need.
    var statistics: [Block?]
    var gradient: Block
    var gradients: [Block]
    var state: Block
    var pieces: [ParameterPiece]
  }

  /// Some of the parameters of a layer.
  struct ParameterPiece {
    var station: Int
    var rows: Range<Int>
    /// Where these parameters are in the layer, and in the stretch.
    var own: Range<Int>
    var range: Range<Int>
  }

  /// Steps below this many multiply-adds are done by the caller alone (about 10 µs).
  static let worthSharing = 1 << 18
  /// Parameters that a piece updates: their gradient and state stay in the second-level cache.
  private static let pieceSize = 1 << 15

  /// A machine for going forward only.
  package convenience init(_ graph: Graph, _ parameters: Parameters, rows: Int) {
    self.init(graph, parameters, rows: rows, targetColumns: nil, slots: 0)
  }

  /// A machine for training with targets of so many columns and an optimizer that keeps so many
  /// numbers a parameter.
  package convenience init(
    training graph: Graph, _ parameters: Parameters, rows: Int, targetColumns: Int,
    slots: Int
  ) {
    self.init(graph, parameters, rows: rows, targetColumns: .some(targetColumns), slots: slots)
  }

  private init(
    _ graph: Graph, _ parameters: Parameters, rows: Int, targetColumns: Int?, slots: Int
  ) {
    let stations = Self.stations(graph)
    self.stations = stations
    self.parameters = parameters
    capacity = rows
    let pieceRows = min(Self.pieceRows(rows), rows)
    pieceCapacity = pieceRows
    // A smaller batch may have more pieces than the largest, but never more than five of 16 rows.
    let pieceCount = max((rows + pieceRows - 1) / max(pieceRows, 1), min(5, (rows + 15) / 16))
    let isTraining = targetColumns != nil
    let cuts =
      [0] + (isTraining ? stations.indices.filter { stations[$0].batchLayer != nil } : [])
    segments = zip(cuts, cuts.dropFirst() + [stations.count]).map { $0..<$1 }
    let desks = cuts.count > 1 ? pieceCount : min(pieceCount, ThreadPool.shared.width, 64)
    let plan = Plan(
      stations, parameters, rows: rows, pieceRows: pieceRows, pieces: pieceCount, desks: desks,
      targetColumns: targetColumns, slots: slots)
    let workspace = Workspace(parameters.precision, shapes: plan.shapes)
    self.workspace = workspace
    var reader = plan
    prepared = reader.prepared(from: workspace)
    training = targetColumns.map { _ in reader.training(from: workspace) }
    self.desks = (0..<desks).map { _ in reader.desk(from: workspace, isTraining: isTraining) }
    freeDesks = Atomic(desks >= 64 ? UInt64.max : (1 << UInt64(desks)) - 1)
    sums = .allocate(capacity: rows / 16 + 2)
    sums.initialize(repeating: LossSum(), count: rows / 16 + 2)
    partSums = .allocate(capacity: (training?.pieces.count ?? 0) + 1)
    penalties = .allocate(capacity: (training?.pieces.count ?? 0) + 1)
  }

  deinit {
    sums.deallocate()
    partSums.deallocate()
    penalties.deallocate()
  }

  /// The layers that compute. A view stands for what it reads.
  private static func stations(_ graph: Graph) -> [Station] {
    var stations: [Station] = []
    // The station whose output a layer's is.
    var places: [Int] = []
    for (index, layer) in graph.layers.enumerated() {
      let reads = graph.sources[index].map { $0 < 0 ? Graph.input : places[$0] }
      if layer.isView {
        places.append(reads[0])
        continue
      }
      places.append(stations.count)
      stations.append(
        Station(
          layer: layer, index: index, batchLayer: layer as? any BatchLayer,
          joiningLayer: layer as? any JoiningLayer,
          sources: reads.map { ($0, false) }, weightRanges: layer.weightRanges,
          goesBack: !layer.parameterShape.isEmpty
            || reads.contains { $0 >= 0 && stations[$0].goesBack }))
    }
    // On the way back the last reader comes first.
    var written: Set<Int> = []
    for place in stations.indices.reversed() where stations[place].goesBack {
      for index in stations[place].sources.indices {
        let source = stations[place].sources[index].place
        stations[place].sources[index].isShared = !written.insert(source).inserted
      }
    }
    for place in stations.indices {
      guard let tie = graph.ties[stations[place].index] else { continue }
      stations[place].tie = tie
      stations[places[tie]].users.append(place)
    }
    return stations
  }

  static func pieces(_ stations: [Station], _ parameters: Parameters) -> [ParameterPiece] {
    stations.enumerated().flatMap { place, station -> [ParameterPiece] in
      let shape = parameters.shapes[station.index]
      let trained = station.layer.trainedRows
      guard !shape.isEmpty, trained > 0 else { return [] }
      let count = min((trained * shape.columns + pieceSize - 1) / pieceSize, trained)
      let rows = (trained + count - 1) / count
      return stride(from: 0, to: trained, by: rows).map { first in
        let range = first..<min(first + rows, trained)
        let start = parameters.starts[station.index]
        let own = range.lowerBound * shape.columns..<range.upperBound * shape.columns
        return ParameterPiece(
          station: place, rows: range, own: own,
          range: start + own.lowerBound..<start + own.upperBound)
      }
    }
  }

  /// Four pieces of 16 to 64 rows, or more of 64.
  static func pieceRows(_ rows: Int) -> Int {
    min(max((rows / 4 + 15) & ~15, 16), 64)
  }

  func share(_ count: Int, _ isWorth: Bool, _ body: (Int) -> Void) {
    if isWorth {
      ThreadPool.shared.run(count, body)
    } else {
      for piece in 0..<count { body(piece) }
    }
  }

  /// Calls `body` with a desk that nobody else uses meanwhile: the piece's own where the way is
  /// parted into segments, else any.
  func atDesk(_ piece: Int, _ body: (Desk) -> Void) {
    if segments.count > 1 { return body(desks[piece]) }
    var free = freeDesks.load(ordering: .relaxed)
    while true {
      if free == 0 {
        free = freeDesks.load(ordering: .relaxed)
        continue
      }
      let place = free.trailingZeroBitCount
      let (exchanged, original) = freeDesks.compareExchange(
        expected: free, desired: free & ~(1 << UInt64(place)), ordering: .acquiring)
      if exchanged {
        body(desks[place])
        freeDesks.bitwiseOr(1 << UInt64(place), ordering: .releasing)
        return
      }
      free = original
    }
  }

  func prepare() {
    for (place, station) in stations.enumerated() where station.layer.preparedCount > 0 {
      station.layer.prepare(parameters.blocks[station.index], into: prepared[place])
    }
  }

  // MARK: Training

  /// The state of the optimizer for every layer, one row a slot.
  package var state: [Matrix] {
    withExtendedLifetime(self) { states.map { Matrix($0) } }
  }

  /// Goes on with an earlier state of the optimizer.
  package func restore(_ state: [Matrix]) {
    withExtendedLifetime(self) {
      for (block, matrix) in zip(states, state) where !matrix.isEmpty { block.copy(from: matrix) }
    }
  }

  /// Where the state of each layer lies.
  private var states: [Block] {
    guard let state = training?.state else { return [] }
    return zip(parameters.starts, parameters.shapes).map { start, shape in
      state.columns(in: start..<start + shape.count)
    }
  }

  /// The state of the optimizer as it lies in memory.
  var stateBlock: Block { training?.state ?? parameters.all.columns(in: 0..<0) }

  /// The gradient that the last step has found, as one row.
  var gradient: Matrix {
    withExtendedLifetime(self) {
      training.map { Matrix($0.gradient).converted(to: .double) } ?? .zeros(1, 0)
    }
  }

  /// The gradient that the last step has found, for every layer.
  package var gradients: [Matrix] {
    withExtendedLifetime(self) { training?.gradients.map { Matrix($0) } ?? [] }
  }

  /// One step on the given rows of the data: loss, gradient, update. Without an optimizer the
  /// parameters stay. Returns the sums over the rows, before the update.
  package func step(
    on batch: ArraySlice<Int>, of data: TrainingData, loss: any Loss, chance: RowChance,
    optimizer: (any Optimizer)?, time: Int, clip: Clip = Clip()
  ) -> LossSum {
    // Blocks do not keep their memory: it must outlive the step even if this is its last use.
    withExtendedLifetime((self, data)) {
      guard let training else { preconditionFailure("this machine only goes forward") }
      precondition(batch.count <= capacity)
      let size = Self.pieceRows(batch.count)
      let pieces = (batch.count + size - 1) / size
      let isWorth = batch.count * plannedWork >= Self.worthSharing
      prepare()
      let way = Way(
        machine: self, training: training, batch: batch, size: size, data: data, loss: loss,
        chance: chance)
      goAll(way, pieces, isWorth)
      var total = LossSum()
      for piece in 0..<pieces { total += sums[piece] }
      // What is no number would stay in the parameters and in the optimizer's state for ever.
      guard total.loss.isFinite else { return total }
      let penalty = updateAll(way, training, pieces, isWorth, optimizer, time, clip)
      total.loss += penalty * Double(batch.count)
      return total
    }
  }

  /// Multiply-adds of a step for one row.
  private var plannedWork: Int {
    var work = 0
    for station in stations { work += 3 * station.layer.work }
    return work
  }

  /// Part 1.
  private func goAll(_ way: Way, _ pieces: Int, _ isWorth: Bool) {
    let last = segments.count - 1
    if last == 0 {
      share(pieces, isWorth) { piece in
        atDesk(piece) { desk in
          way.start(piece, desk)
          way.forward(segments[0], piece, desk)
          sums[piece] = way.loss(piece, desk)
          sums[piece].loss += way.backward(segments[0], piece, desk)
        }
      }
      return
    }
    for segment in 0..<last {
      share(pieces, isWorth) { piece in
        if segment == 0 { way.start(piece, desks[piece]) }
        way.forward(segments[segment], piece, desks[piece])
        way.gather(segments[segment + 1].lowerBound, piece, desks[piece])
      }
      way.combine(segments[segment + 1].lowerBound, pieces)
    }
    share(pieces, isWorth) { piece in
      way.forward(segments[last], piece, desks[piece])
      sums[piece] = way.loss(piece, desks[piece])
    }
    for segment in stride(from: last, through: 0, by: -1) {
      share(pieces, isWorth) { piece in
        sums[piece].loss += way.backward(segments[segment], piece, desks[piece])
      }
      if segment > 0 { way.combineSlopes(segments[segment].lowerBound, pieces) }
    }
  }

  /// Part 2. Returns what the rules of the weights add to the loss.
  private func updateAll(
    _ way: Way, _ training: Training, _ pieces: Int, _ isWorth: Bool,
    _ optimizer: (any Optimizer)?, _ time: Int, _ clip: Clip
  ) -> Double {
    let all = 0..<way.batch.count
    let slots = parameters.all
    func findGradient(_ index: Int) {
      let piece = training.pieces[index]
      let station = stations[piece.station]
      let gradient = training.gradient.columns(in: piece.range)
      if let partials = training.partials[piece.station] {
        partials.rows(in: 0..<pieces).columns(in: piece.own).sumColumns(into: gradient)
      } else if let delta = training.deltas[piece.station],
        let x = station.source < 0 ? training.input : training.outputs[station.source]
      {
        station.layer.parameterGradient(
          rows: piece.rows, delta.rows(in: all), inputs: x.rows(in: all),
          into: training.gradients[station.index].rows(in: piece.rows))
      }
      for place in station.users { addTied(training, piece, of: place, all) }
      penalties[index] = 0
      for range in station.weightRanges {
        let rows = piece.rows.clamped(to: range)
        if rows.isEmpty { continue }
        let start = (rows.lowerBound - piece.rows.lowerBound) * station.width
        let weights = start..<start + rows.count * station.width
        penalties[index] += station.layer.rules.penalize(
          slots.columns(in: piece.range).columns(in: weights),
          gradient: gradient.columns(in: weights))
      }
      if let limit = clip.value { gradient.clamp(to: limit) }
    }
    func update(_ index: Int) {
      let piece = training.pieces[index]
      optimizer?.update(
        slots.columns(in: piece.range), gradient: training.gradient.columns(in: piece.range),
        state: training.state.columns(in: piece.range), step: time)
    }
    if let limit = clip.norm {
      share(training.pieces.count, isWorth) { index in
        findGradient(index)
        partSums[index] = training.gradient.columns(in: training.pieces[index].range).sumOfSquares
      }
      var total = 0.0
      for index in training.pieces.indices { total += partSums[index] }
      let norm = total.squareRoot()
      share(training.pieces.count, isWorth) { index in
        if norm > limit {
          training.gradient.columns(in: training.pieces[index].range).scale(by: limit / norm)
        }
        update(index)
      }
    } else {
      share(training.pieces.count, isWorth) { index in
        findGradient(index)
        update(index)
      }
    }
    var penalty = 0.0
    for index in training.pieces.indices { penalty += penalties[index] }
    if optimizer != nil {
      for station in stations where station.layer.projects {
        station.layer.project(parameters.blocks[station.index])
      }
    }
    return penalty
  }

  /// Adds what a station that uses the weights of another has to say of some of them.
  private func addTied(
    _ training: Training, _ piece: ParameterPiece, of place: Int, _ rows: Range<Int>
  ) {
    let (user, owner) = (stations[place], stations[piece.station])
    let weights = piece.rows.clamped(to: owner.layer.weightRows)
    guard let layer = user.layer as? any TyingLayer, let delta = training.deltas[place],
      let x = user.source < 0 ? training.input : training.outputs[user.source], !weights.isEmpty
    else { return }
    layer.addTiedGradient(
      rows: weights, delta.rows(in: rows), inputs: x.rows(in: rows),
      into: training.gradients[owner.index].rows(in: weights))
  }

  // MARK: Forward

  /// Goes forward for all rows of the data and returns the sums of the loss over them.
  package func evaluate(_ data: TrainingData, loss: any Loss) -> LossSum {
    var total = LossSum()
    forward(data.x, absorbing: loss.absorbs) { rows, outputs in
      loss.evaluate(outputs, targets: data.targets.rows(in: rows), gradient: nil, scale: 1)
    } then: {
      total += $0
    }
    return total
  }

  /// The outputs for all rows, one row a row.
  package func predict(_ x: Block, into result: Block) {
    forward(x, absorbing: nil) { rows, outputs in
      result.rows(in: rows).copy(from: outputs)
      return LossSum()
    } then: { _ in
    }
  }

  private func forward(
    _ x: Block, absorbing absorbed: Activation?, use: (Range<Int>, Block) -> LossSum,
    then: (LossSum) -> Void
  ) {
    let last = stations.count - 1
    let isWorth = min(capacity, x.rows) * plannedWork >= Self.worthSharing
    prepare()
    for start in stride(from: 0, to: x.rows, by: capacity) {
      let count = min(capacity, x.rows - start)
      let size = Self.pieceRows(count)
      let pieces = (count + size - 1) / size
      share(pieces, isWorth) { piece in
        atDesk(piece) { desk in
          let rows = piece * size..<min(count, (piece + 1) * size)
          let place = start + rows.lowerBound..<start + rows.upperBound
          func output(_ index: Int) -> Block {
            index < 0 ? x.rows(in: place) : desk.outputs[index].rows(in: 0..<rows.count)
          }
          for (index, station) in stations.enumerated() {
            let y = output(index)
            if let layer = station.joiningLayer {
              for branch in station.sources.indices {
                layer.take(output(station.sources[branch].place), of: branch, into: y)
              }
              continue
            }
            let own = station.layer.activation
            var pass = Pass(
              x: output(station.source), y: y, parameters: parameters.blocks[station.index],
              activation: index == last && own == absorbed ? .linear : own,
              kept: desk.kept[index].rows(in: 0..<rows.count), scratch: desk.scratch,
              prepared: prepared[index], chance: nil, scale: 1)
            pass.tied = station.tie.map { parameters.blocks[$0] }
            station.layer.forward(pass)
          }
          sums[piece] = use(place, output(last))
        }
      }
      for piece in 0..<pieces { then(sums[piece]) }
    }
  }
}

/// Bounds of the gradient of a step: of its norm over all parameters, of each number.
package struct Clip: Sendable {
  package var norm: Double?
  package var value: Double?

  package init(norm: Double? = nil, value: Double? = nil) {
    self.norm = norm
    self.value = value
  }
}

/// Rows with their targets, in the precision of a machine. The matrices live as long as this does.
package final class TrainingData {
  package let rows: Int
  private let matrices: (x: Matrix, targets: Matrix)
  let x: Block
  package let targets: Block
  /// How much each row counts in the loss; all alike where nothing is said.
  var weights: [Double]?
  /// How the rows, which are pictures then, are changed at random.
  var changes: PictureChanges?

  /// Converts what has another precision or layout: at most one copy.
  package init(_ x: Matrix, targets: Matrix, _ precision: Precision) {
    matrices = (
      x.converted(to: precision).rowMajor(), targets.converted(to: precision).rowMajor()
    )
    rows = x.rows
    self.x = matrices.x.block
    self.targets = matrices.targets.block
  }

  /// Some rows, without their targets.
  func inputs(of rows: [Int]) -> Matrix { matrices.x.selecting(rows: rows) }

  /// Lets rows count by their classes, where targets are classes.
  func weigh(by weights: [Double]?, _ areClasses: Bool) {
    self.weights =
      areClasses
      ? weights.map { weights in matrices.targets.elements.map { weights[Int($0)] } } : nil
  }
}
