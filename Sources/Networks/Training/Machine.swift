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
  let capacity: Int
  let pieceCapacity: Int
  /// A piece has no more rows than this.
  let mostPieceRows: Int
  private let workspace: Workspace
  let training: Training?
  let desks: [Desk]
  let freeDesks: Atomic<UInt64>
  /// Where a `BatchLayer` starts a new segment, with the ends.
  let segments: [Range<Int>]
  /// What layers compute once a step from their parameters, and the parts of that.
  let prepared: [Block]
  let preparations: [Preparation]
  /// The loss of every piece of a batch, summed in order.
  let sums: UnsafeMutablePointer<LossSum>
  /// A number of every piece of the parameters, summed in order.
  let partSums: UnsafeMutablePointer<Double>
  let penalties: UnsafeMutablePointer<Double>
  /// Whether every batch is all rows.
  var seesAllRows = false
  /// The step in progress, and what its pieces do at the moment.
  var current: Step?
  var turn = Turn.update
  /// What threads call for every piece: made once, since making a closure for them takes memory.
  private(set) lazy var work: (Int) -> Void = { [unowned self] piece in perform(piece) }

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

  /// A part of what a layer computes once a step.
  struct Preparation {
    var station: Int
    var part: Int
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
  /// Parameters that a piece updates at least: their gradient and state stay in the second-level
  /// cache.
  static let leastPieceSize = 1 << 15
  /// And at most.
  static let mostPieceSize = 1 << 16

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
    let mostPieceRows = Self.mostPieceRows(stations)
    self.mostPieceRows = mostPieceRows
    let pieceRows = min(Self.pieceRows(rows, most: mostPieceRows), rows)
    pieceCapacity = pieceRows
    // A smaller batch may have more pieces than the largest, but never more than five of the least.
    let least = Self.leastPieceRows
    let pieceCount = max(
      (rows + pieceRows - 1) / max(pieceRows, 1), min(5, (rows + least - 1) / least))
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
    let prepared = reader.prepared(from: workspace)
    self.prepared = prepared
    preparations = stations.indices.flatMap { place in
      (0..<(prepared[place].count > 0 ? stations[place].layer.preparedParts : 0)).map {
        Preparation(station: place, part: $0)
      }
    }
    training = targetColumns.map { _ in reader.training(from: workspace) }
    self.desks = (0..<desks).map { _ in reader.desk(from: workspace, isTraining: isTraining) }
    freeDesks = Atomic(desks >= 64 ? UInt64.max : (1 << UInt64(desks)) - 1)
    sums = .allocate(capacity: pieceCount + 1)
    sums.initialize(repeating: LossSum(), count: pieceCount + 1)
    partSums = .allocate(capacity: (training?.pieces.count ?? 0) + 1)
    penalties = .allocate(capacity: (training?.pieces.count ?? 0) + 1)
  }

  deinit {
    sums.deallocate()
    partSums.deallocate()
    penalties.deallocate()
  }

  func prepare() {
    for index in preparations.indices { prepare(index) }
  }

  func prepare(_ index: Int) {
    let (place, part) = (preparations[index].station, preparations[index].part)
    let station = stations[place]
    station.layer.prepare(
      part, of: parameters.blocks[station.index], into: prepared[place])
  }

  /// Multiply-adds of a step for one row.
  var plannedWork: Int { Self.plannedWork(stations) }

  // MARK: What training leaves

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
}
