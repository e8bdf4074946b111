import Matrices

/// The same numbers as a plain row: no work, a change of geometry.
package struct Flatten: Layer {
  package let input: Geometry

  package init(input: Geometry) { self.input = input }

  package var output: Geometry { Geometry(input.count) }
  package var title: String { "flatten" }
  package var isView: Bool { true }
  package func forward(_ pass: Pass) {}
  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double { 0 }
}
