import Training
import Vocabulary

/// What the training of a function is asked to do, checked.
struct FunctionRequest {
  var epochs: Int
  /// Rows a step; all of them when `nil`.
  var batch: Int?
  var optimizer: any Optimizer
  var schedule: Schedule?
  var clip = Clip()
  /// What the parameters are led back to, as the user says it.
  var constraints: Value?
  /// Where the parameters are kept on the way.
  var checkpoint: Checkpoint?
  var shuffle: Bool
  var seed: Int
}
