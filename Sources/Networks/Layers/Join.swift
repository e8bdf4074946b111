import Matrices

/// A layer that reads several branches. The machine hands them over one by one.
package protocol JoiningLayer: Layer {
  /// Takes up what a branch gives: branch 0 first.
  func take(_ x: Block, of branch: Int, into y: Block)
  /// The derivative of the output as that of a branch: written, or added to what is there.
  func give(_ dy: Block, to branch: Int, into dx: Block, adding: Bool)
}

extension JoiningLayer {
  package func forward(_ pass: Pass) { preconditionFailure("branches are taken one by one") }
  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double { 0 }
}

/// The sum of branches of one shape, as residual networks have it (He et al., CVPR 2016).
package struct Sum: JoiningLayer {
  package let input: Geometry

  package init(of input: Geometry) { self.input = input }

  package var output: Geometry { input }
  package var title: String { "add" }

  package func take(_ x: Block, of branch: Int, into y: Block) {
    if branch == 0 { y.copy(from: x) } else { y.add(x) }
  }

  package func give(_ dy: Block, to branch: Int, into dx: Block, adding: Bool) {
    if adding { dx.add(dy) } else { dx.copy(from: dy) }
  }
}

/// The features, or channels, of branches side by side.
package struct Concatenation: JoiningLayer {
  private let branches: [Geometry]
  /// The first feature of each branch.
  private let starts: [Int]
  package let output: Geometry

  /// Nothing where the branches differ in more than their features.
  package init?(of branches: [Geometry]) {
    guard let first = branches.first,
      branches.allSatisfy({ $0.sizes.dropLast() == first.sizes.dropLast() })
    else { return nil }
    self.branches = branches
    starts = branches.indices.map { branches[..<$0].reduce(0) { $0 + $1.features } }
    let all = branches.reduce(0) { $0 + $1.features }
    output = Geometry(sizes: first.sizes.dropLast() + [all])
  }

  package var input: Geometry { branches[0] }
  package var title: String { "concat" }

  /// The columns of a branch, a row for every position.
  private func part(_ y: Block, _ branch: Int) -> Block {
    y.reshaped(y.rows * output.positions, output.features)
      .columns(in: starts[branch]..<starts[branch] + branches[branch].features)
  }

  private func places(_ x: Block, _ branch: Int) -> Block {
    x.reshaped(x.rows * output.positions, branches[branch].features)
  }

  package func take(_ x: Block, of branch: Int, into y: Block) {
    part(y, branch).copy(from: places(x, branch))
  }

  package func give(_ dy: Block, to branch: Int, into dx: Block, adding: Bool) {
    let (dx, dy) = (places(dx, branch), part(dy, branch))
    if adding { dx.add(dy) } else { dx.copy(from: dy) }
  }
}
