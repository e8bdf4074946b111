import Matrices

/// A table of vectors: every number of a row, counted from 1, is replaced by its vector.
package struct Embedding: Layer {
  package let input: Geometry
  package let output: Geometry
  package let vocabulary: Int

  package init(tokens: Int, vocabulary: Int, size: Int) {
    input = Geometry(tokens)
    output = Geometry(tokens, size)
    self.vocabulary = vocabulary
  }

  package var title: String { "embedding \(output.features) of \(vocabulary)" }
  package var parameterShape: Shape { Shape(vocabulary, output.features) }
  package var work: Int { outputs }
  package var weightRows: Range<Int> { 0..<vocabulary }

  /// Normal with deviation 1, as the field does.
  package func initialParameters(_ random: inout Random) -> Matrix {
    random.normal(vocabulary, output.features)
  }

  package func forward(_ pass: Pass) { pass.y.lookUp(pass.x, in: pass.parameters) }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    dx?.fill(0)
    return 0
  }

  package func parameterGradient(
    rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block
  ) { gradient.sumUses(dz, tokens: x, of: rows) }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [("E", parameters)]
  }
}
