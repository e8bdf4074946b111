import Matrices
import Training

/// Where numbers that are none came up in training.
struct Divergence {
  /// Counted from 1, over all runs.
  var epoch: Int
  var step: Int
  /// What first has such a number: `the weights of layer 2, dense 10 softmax`.
  var place: String

  var words: String { "in epoch \(epoch), step \(step), \(place) are no numbers any more" }
}

extension NetworkTraining {
  /// Ends an epoch whose loss became NaN or infinite on some rows, and goes back to what an earlier
  /// epoch of this run has left.
  mutating func diverged(step: Int, rows: ArraySlice<Int>) -> TrainingProgress {
    divergence = Divergence(epoch: history.epochs + 1, step: step, place: culprit(on: rows))
    guard let before = good.giveBack() else { return TrainingProgress(objective: .nan) }
    steps = before
    return TrainingProgress(objective: .nan, end: .diverged)
  }

  /// The first layer whose weights are no numbers, or that makes such of the rows.
  private func culprit(on rows: ArraySlice<Int>) -> String {
    let values = parameters.values
    for (place, value) in values.enumerated() where value.firstNonFinite != nil {
      return "the weights of layer \(place + 1), \(network.layers[place].title),"
    }
    let x = Matrix.zeros(rows.count, network.inputs, request.precision)
    x.withBlock { $0.gather(rows, of: data.x) }
    for place in network.layers.indices {
      let part = Network(
        input: network.input, graph: network.graph.prefix(through: place), seed: request.seed)
      let outputs = part.outputs(for: x, with: values, request.precision)
      if outputs.firstNonFinite != nil {
        return "the outputs of layer \(place + 1), \(network.layers[place].title),"
      }
    }
    return "the losses of the last layer"
  }
}
