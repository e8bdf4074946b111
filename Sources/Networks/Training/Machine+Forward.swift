import Autodiff
import Matrices
import Training

/// Going forward without training.
extension Machine {
  /// Goes forward for all rows of the data and returns the sums of the loss over them. Where
  /// `control` asks for a stop meanwhile, the rows that are left are not looked at: the loss is NaN.
  package func evaluate(
    _ data: TrainingData, loss: any Loss, control: TrainingControl? = nil
  ) -> LossSum {
    var total = LossSum()
    forward(data.x, absorbing: loss.absorbs) { rows, outputs in
      loss.evaluate(outputs, targets: data.targets.rows(in: rows), gradient: nil, scale: 1)
    } then: {
      total += $0
    } isStopped: {
      control?.isStopRequested ?? false
    }
    if control?.isStopRequested ?? false { total.loss = .nan }
    return total
  }

  /// Whether going forward for so many rows takes long enough (some 5 ms) to be given up.
  func takesLong(forward rows: Int) -> Bool { rows * plannedWork / 3 >= 1 << 28 }

  /// The outputs for all rows, one row a row.
  package func predict(_ x: Block, into result: Block) {
    forward(x, absorbing: nil) { rows, outputs in
      result.rows(in: rows).copy(from: outputs)
      return LossSum()
    } then: { _ in
    } isStopped: {
      false
    }
  }

  private func forward(
    _ x: Block, absorbing absorbed: Activation?, use: (Range<Int>, Block) -> LossSum,
    then: (LossSum) -> Void, isStopped: () -> Bool
  ) {
    let last = stations.count - 1
    let isWorth = min(capacity, x.rows) * plannedWork >= Self.worthSharing
    prepare()
    for start in stride(from: 0, to: x.rows, by: capacity) {
      if Interrupt.abandonsKernels || isStopped() { return }
      let count = min(capacity, x.rows - start)
      let size = pieceRows(count)
      let pieces = (count + size - 1) / size
      share(pieces, isWorth) { piece in
        if isStopped() { return }
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
