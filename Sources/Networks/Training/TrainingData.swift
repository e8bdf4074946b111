import Matrices

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
      ? weights.map { weights in matrices.targets.elements.map { weights[Targets.place($0)] } }
      : nil
  }
}
