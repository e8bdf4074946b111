import Matrices
import Synchronization

/// How work is cut into pieces and shared out to the threads.
extension Machine {
  /// Every piece reads what came into its layer and the derivative of what it gave, for all rows:
  /// where parameters are many, a piece has more of them, as long as there are some 32 pieces.
  static func pieces(_ stations: [Station], _ parameters: Parameters) -> [ParameterPiece] {
    let size = min(max(parameters.all.columns / 32, leastPieceSize), mostPieceSize)
    return stations.enumerated().flatMap { place, station -> [ParameterPiece] in
      let shape = parameters.shapes[station.index]
      let trained = station.layer.trainedRows
      guard !shape.isEmpty, trained > 0 else { return [] }
      let count = min((trained * shape.columns + size - 1) / size, trained)
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

  /// Multiply-adds of a step for one row.
  static func plannedWork(_ stations: [Station]) -> Int {
    var work = 0
    for station in stations { work += 3 * station.layer.work }
    return work
  }

  /// Pieces of fewer rows would leave tiles of products empty.
  static let leastPieceRows = 16

  /// Four pieces of 16 to 64 rows, or more of 64; where a row is much work, of 16, and where weights
  /// are very many, of up to 128.
  static func pieceRows(_ rows: Int, most: Int) -> Int {
    min(max((rows / 4 + 15) & ~15, leastPieceRows), most)
  }

  /// Where a row takes long (about 20 µs), small pieces cost little: threads of unequal speed end
  /// closer together, and outputs are still in a cache on the way back. Where sixteen rows of outputs
  /// would take a megabyte, half of them do. Weights that fill a cache, and are many times the outputs
  /// of a row, come from far away for every piece, so that large ones are better; all the more where
  /// they are too many for the cache.
  static func mostPieceRows(_ stations: [Station]) -> Int {
    if plannedWork(stations) < 1 << 20 { return 64 }
    var (outputs, weights) = (0, 0)
    for station in stations {
      outputs += station.layer.outputs
      weights += station.layer.parameterShape.count
    }
    if weights > max(64 * outputs, 1 << 17) { return weights > 1 << 19 ? 128 : 64 }
    return outputs > 1 << 14 ? leastPieceRows / 2 : leastPieceRows
  }

  func pieceRows(_ rows: Int) -> Int { Self.pieceRows(rows, most: mostPieceRows) }

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
}
