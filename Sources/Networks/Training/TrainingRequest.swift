import Autodiff
import Matrices
import Training

/// What a training run is asked to do, checked.
package struct TrainingRequest: Sendable {
  package var epochs: Int
  package var batch: Int
  package var optimizer: any Optimizer
  package var loss: any Loss
  /// Whether the targets are classes, so that accuracy means something.
  package var classifies: Bool
  /// The labels of the outputs, in order, when targets were classes.
  package var classes: [Double]?
  package var patience: Int?
  package var shuffle: Bool
  package var seed: Int
  package var precision: Precision
  package var schedule: Schedule?
  package var clip = Clip()
  package var privacy: PrivacySettings?
  /// How much the rows of each class count, in the order of the outputs.
  package var classWeights: [Double]?
  package var augmentation: Augmentation?
  /// Where the network is kept on the way.
  var checkpoint: Checkpoint?

  package init(
    epochs: Int, batch: Int, optimizer: any Optimizer, loss: any Loss, classifies: Bool,
    patience: Int? = nil, shuffle: Bool = true, seed: Int, precision: Precision = .single
  ) {
    self.epochs = epochs
    self.batch = batch
    self.optimizer = optimizer
    self.loss = loss
    self.classifies = classifies
    self.patience = patience
    self.shuffle = shuffle
    self.seed = seed
    self.precision = precision
  }
}
