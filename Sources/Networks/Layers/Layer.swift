import Autodiff
import Matrices

/// One layer: a map of rows with parameters, followed by an activation, and its way back.
///
/// All calls concern some rows of a batch and may run for other rows at the same time. The memory
/// they work in is the machine's: a layer says how much it needs.
package protocol Layer: Sendable {
  /// What it is, as the call that made it: `dense 128 relu`.
  var title: String { get }
  var input: Geometry { get }
  var output: Geometry { get }
  var activation: Activation { get }
  /// The parameters as one matrix, 0×0 without any.
  var parameterShape: Shape { get }
  /// How many of its rows are trained: the first ones.
  var trainedRows: Int { get }
  /// How the gradient of the parameters is found.
  var gradientPlan: GradientPlan { get }
  /// Whether the layer only sees the same numbers in another shape.
  var isView: Bool { get }
  /// Multiply-adds of going forward, for one row.
  var work: Int { get }
  /// Numbers a row that going forward leaves for going back.
  var keptColumns: Int { get }
  /// Numbers that a call needs to work in, for so many rows.
  func scratch(rows: Int) -> Int
  /// Numbers that are computed from the parameters once a step, for all rows.
  var preparedCount: Int { get }
  /// Whether only `dx` asks for them.
  var preparesWayBack: Bool { get }
  /// They are computed in so many parts, which threads share.
  var preparedParts: Int { get }
  func prepare(_ part: Int, of parameters: Block, into prepared: Block)

  /// The parameters that training starts with.
  func initialParameters(_ random: inout Random) -> Matrix
  /// `y = f(map(x))`.
  func forward(_ pass: Pass)
  /// From `dy` to `dx`, where wanted. `dy` may be overwritten: layers whose gradient is taken by
  /// ranges of the parameters leave the derivative in what the activation was given. Others write
  /// their gradient over these rows. Returns what the layer adds to the loss of these rows.
  func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double
  /// The derivative in a range of the rows of the parameters, over all rows of the batch.
  func parameterGradient(rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block)
  /// What is asked of the weights, which are these rows of the parameters.
  var rules: WeightRules { get }
  var weightRows: Range<Int> { get }
  /// The same, where they do not lie together.
  var weightRanges: [Range<Int>] { get }
  /// Brings parameters back to what the layer promises of them, after every step.
  func project(_ parameters: Block)
  var projects: Bool { get }
  /// The parameters under the names of the formulas: `W`, `b`.
  func named(_ parameters: Matrix) -> [(name: String, value: Matrix)]
}

/// How a layer finds the gradient of its parameters.
package enum GradientPlan: Sendable {
  /// For ranges of the parameters, over all rows of the batch: for layers with many parameters.
  case byParameters
  /// For pieces of the rows, summed after: for layers that use few parameters often.
  case byRows
}

/// Some rows on their way through a layer: the memory they lie in.
package struct Pass {
  package var x: Block
  package var y: Block
  package var parameters: Block
  /// The layer's own, or linear where the loss includes it.
  package var activation: Activation
  /// `keptColumns` numbers for each row.
  package var kept: Block
  package var scratch: Block
  package var prepared: Block
  /// Where random numbers come from; nothing outside training.
  package var chance: RowChance?
  /// What a term of the loss is multiplied with to be part of the mean.
  package var scale: Double
  /// The parameters of the layer whose weights this one uses.
  package var tied: Block?

  package init(
    x: Block, y: Block, parameters: Block, activation: Activation, kept: Block, scratch: Block,
    prepared: Block, chance: RowChance?, scale: Double
  ) {
    self.x = x
    self.y = y
    self.parameters = parameters
    self.activation = activation
    self.kept = kept
    self.scratch = scratch
    self.prepared = prepared
    self.chance = chance
    self.scale = scale
  }
}

extension Layer {
  package var inputs: Int { input.count }
  package var outputs: Int { output.count }
  package var activation: Activation { .linear }
  package var parameterShape: Shape { Shape(0, 0) }
  package var trainedRows: Int { parameterShape.rows }
  package var gradientPlan: GradientPlan { .byParameters }
  package var isView: Bool { false }
  package var work: Int { parameterShape.count }
  package var keptColumns: Int { 0 }
  package func scratch(rows: Int) -> Int { 0 }
  package var preparedCount: Int { 0 }
  package var preparesWayBack: Bool { false }
  package var preparedParts: Int { 1 }
  package func prepare(_ part: Int, of parameters: Block, into prepared: Block) {}
  /// All parts, one after the other.
  package func prepare(_ parameters: Block, into prepared: Block) {
    for part in 0..<preparedParts { prepare(part, of: parameters, into: prepared) }
  }
  package func initialParameters(_ random: inout Random) -> Matrix { .zeros(0, 0) }
  package func parameterGradient(
    rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block
  ) {}
  package var rules: WeightRules { WeightRules() }
  package var weightRows: Range<Int> { 0..<max(parameterShape.rows - 1, 0) }
  package var weightRanges: [Range<Int>] { [weightRows] }
  package var projects: Bool { rules.constraint != nil }
  package func project(_ parameters: Block) {
    guard let constraint = rules.constraint else { return }
    for rows in weightRanges { parameters.rows(in: rows).project(onto: constraint) }
  }
  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] { [] }
}

/// A layer that looks at the whole batch: all pieces wait while what they have found is joined.
package protocol BatchLayer: Layer {
  /// Numbers that describe the rows of a piece, and the whole batch.
  var statisticsCount: Int { get }
  /// Describes some rows.
  func gather(_ x: Block, into statistics: Block)
  /// Joins the descriptions of the pieces, one a row, in order. What is kept for later rows follows
  /// slowly from batch to batch; of a batch that is all there is, it is the description itself.
  func combine(_ pieces: Block, into statistics: Block, parameters: Block, isWhole: Bool)
  func forward(_ pass: Pass, statistics: Block)
  /// Sums over some rows what going back needs of all, and writes their gradient.
  func gatherSlopes(_ pass: Pass, dy: Block, statistics: Block, into sums: Block, gradient: Block)
  /// From `dy` to `dx`, with the sums over the whole batch.
  func backward(_ pass: Pass, dy: Block, dx: Block?, statistics: Block, slopes: Block)
  /// From `dy` to `dx` outside training, where rows do not change each other.
  func backward(_ pass: Pass, dy: Block, dx: Block)
}

/// A layer that can use up the derivative of what it gives in strips of columns: the layer behind it
/// then never writes all of it.
package protocol StripLayer: Layer {
  var takesStrips: Bool { get }
  /// Writes the gradient of some rows; `strips` writes columns of `dy` for all of them.
  func backward(_ pass: Pass, gradient: Block, strips: (Range<Int>, Block) -> Void)
}

/// A layer that can give the derivative of what it reads in strips of columns.
package protocol StripSource: Layer {
  /// From `dz`, which `backward` without a `dx` has left.
  func inputGradient(_ pass: Pass, dz: Block, columns: Range<Int>, into dx: Block)
}
