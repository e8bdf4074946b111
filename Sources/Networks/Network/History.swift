import Matrices
import Vocabulary

/// The numbers of every epoch, as columns. Columns that do not apply are empty.
package struct History: Sendable, Equatable {
  package var loss: [Double] = []
  package var accuracy: [Double] = []
  package var validationLoss: [Double] = []
  package var validationAccuracy: [Double] = []
  /// ε of all private steps up to here.
  package var epsilon: [Double] = []
  /// Seconds since the first epoch began, over all runs.
  package var seconds: [Double] = []

  package init() {}

  package var epochs: Int { loss.count }

  /// As a record of n×1 matrices; without the columns that no epoch has.
  var record: Record {
    let columns = [
      ("epoch", loss.indices.map { Double($0 + 1) }), ("loss", loss), ("accuracy", accuracy),
      ("validation_loss", validationLoss), ("validation_accuracy", validationAccuracy),
      ("epsilon", epsilon), ("seconds", seconds),
    ]
    return Record(
      columns.filter { !$0.1.allSatisfy(\.isNaN) }.map { ($0.0, .matrix(Matrix(column: $0.1))) })
  }
}
