import Matrices

/// A table of vectors: every number of a row, or of one of its columns, is replaced by its vector.
/// Numbers count from 1.
package struct Embedding: Layer {
  package let input: Geometry
  package let output: Geometry
  package let vocabulary: Int
  /// The only column that is read, counted from 0; all where there is none.
  package let column: Int?
  package let rules: WeightRules
  /// What the vectors start with.
  private let start: Start

  /// First vectors: normal with a deviation, the last number of each 0 where it is a bias.
  package struct Start: Sendable, Equatable {
    package var deviation = 1.0
    package var endsInBias = false

    package init(deviation: Double = 1, endsInBias: Bool = false) {
      self.deviation = deviation
      self.endsInBias = endsInBias
    }
  }

  package init(
    tokens: Int, vocabulary: Int, size: Int, column: Int? = nil,
    rules: WeightRules = WeightRules(), start: Start = Start()
  ) {
    input = Geometry(tokens)
    output = Geometry(column == nil ? tokens : 1, size)
    self.vocabulary = vocabulary
    self.column = column
    self.rules = rules
    self.start = start
  }

  package var title: String {
    "embedding \(output.features) of \(vocabulary)"
      + (column.map { input.count > 1 ? " column \($0 + 1)" : "" } ?? "") + rules.suffix
  }
  package var parameterShape: Shape { Shape(vocabulary, output.features) }
  package var work: Int { outputs }
  package var weightRows: Range<Int> { 0..<vocabulary }

  /// Normal with deviation 1, as the field does, unless it was made otherwise.
  package func initialParameters(_ random: inout Random) -> Matrix {
    let size = output.features
    let drawn = random.normal(vocabulary, size) * start.deviation
    guard start.endsInBias else { return rules.allowed(drawn) }
    return .besides([drawn.selecting(columns: Array(0..<size - 1)), .zeros(vocabulary, 1)])
  }

  /// The columns of the input that are read.
  package var columns: Range<Int> { column.map { $0..<$0 + 1 } ?? 0..<input.count }

  package func forward(_ pass: Pass) {
    pass.y.lookUp(pass.x.columns(in: columns), in: pass.parameters)
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    dx?.fill(0)
    return 0
  }

  package func parameterGradient(
    rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block
  ) { gradient.sumUses(dz, tokens: x.columns(in: columns), of: rows) }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [("E", parameters)]
  }
}
