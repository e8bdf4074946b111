import Autodiff
import Matrices
import Testing

/// Weights in panels give what they give as they lie.
@Suite struct PanelsTests {
  /// Blocks with random numbers; what they lie in lives as long as the workspace.
  private func drawn(
    _ precision: Precision, _ shapes: [Shape], seed: UInt64
  ) -> (Workspace, [Block]) {
    let workspace = Workspace(precision, shapes: shapes)
    var random = Random(seed: seed)
    let blocks = shapes.map { shape in
      let block = workspace.take(shape)
      block.copy(from: random.normal(shape.rows, shape.columns).converted(to: precision))
      return block
    }
    return (workspace, blocks)
  }

  /// Equal bits where our own kernels multiply; those of OpenBLAS depend on the shape.
  private func agree(_ one: Block, _ other: Block) -> Bool {
    let (one, other) = (Matrix(one), Matrix(other))
    return Block.multipliesRowsFaster
      ? one == other
      : one.converted(to: .double).isClose(to: other.converted(to: .double), relative: 1e-3)
  }

  @Test(arguments: [1, 24, 48, 49, 64, 65, 112, 500, 545], [Precision.double, .single])
  func productsAreThoseOfTheWhole(_ columns: Int, _ precision: Precision) {
    let (inner, rows) = (20, 9)
    let (workspace, blocks) = drawn(
      precision,
      [
        Shape(rows, inner), Shape(inner, columns), Shape(1, inner * columns),
        Shape(rows, columns), Shape(rows, columns), Shape(1, columns), Shape(columns, inner),
      ], seed: 3)
    withExtendedLifetime(workspace) {
      let (left, right, memory) = (blocks[0], blocks[1], blocks[2])
      let (found, expected, bias, turned) = (blocks[3], blocks[4], blocks[5], blocks[6])
      turned.copyTransposed(right)
      let panels = Panels(rows: inner, columns: columns, in: memory)
      for layOut in [
        { panels.lay(right) },
        {
          memory.fill(7)
          panels.layTransposed(turned, columns: 0..<columns / 3)
          panels.layTransposed(turned, columns: columns / 3..<columns)
        },
      ] {
        layOut()
        panels.product(left, into: found)
        Block.product(left, right, into: expected)
        #expect(agree(found, expected))
        panels.product(left, adding: true, into: found)
        Block.product(left, right, adding: true, into: expected)
        #expect(agree(found, expected))
        panels.affine(left, bias: bias, into: found)
        expected.affine(left, right, bias: bias, activation: .linear)
        #expect(agree(found, expected))
        let (some, part) = (columns / 5..<columns - columns / 7, 4..<17)
        let (wanted, wantedExpected) = (found.columns(in: some), expected.columns(in: some))
        panels.product(left.columns(in: part), rows: part, columns: some, into: wanted)
        Block.product(
          left.columns(in: part), right.rows(in: part).columns(in: some), into: wantedExpected)
        #expect(agree(found, expected))
      }
    }
  }

  /// Eight moments are worth panels, seven are not.
  @Test(arguments: Recurrence.Kind.allCases, [Precision.double, .single])
  func momentsDoNotDependOnHowManyThereAre(_ kind: Recurrence.Kind, _ precision: Precision) {
    let (rows, features) = (3, 4)
    let units = 600 / kind.gates
    let states = [8, 7].map { times in
      let layer = Recurrence(kind, times: times, features: features, units: units)
      let (workspace, blocks) = drawn(
        precision,
        [
          layer.parameterShape, Shape(rows, 8 * features), Shape(rows, layer.keptColumns),
          Shape(1, layer.scratch(rows: rows)),
        ], seed: 5)
      return withExtendedLifetime(workspace) {
        blocks[0].scale(by: 0.1)
        layer.forward(
          blocks[1].columns(in: 0..<times * features), parameters: blocks[0], activation: .tanh,
          memory: blocks[2], scratch: blocks[3])
        return Matrix(layer.all(of: blocks[2]).rows(in: 0..<7 * rows)).converted(to: .double)
      }
    }
    #expect(states[0].rows == 7 * rows && !states[0].elements.contains { $0.isNaN })
    #expect(
      Block.multipliesRowsFaster
        ? states[0] == states[1] : states[0].isClose(to: states[1], relative: 1e-3))
  }

  /// The derivative along a direction of all parameters, of a layer whose `Uᵀ` lies in panels.
  @Test(arguments: Recurrence.Kind.allCases)
  func gradientOfManyUnitsIsRight(_ kind: Recurrence.Kind) {
    let layer = Recurrence(kind, times: 3, features: 2, units: 250)
    let (parameters, rows) = (layer.parameterShape, 2)
    let (workspace, blocks) = drawn(
      .double,
      [
        parameters, parameters, Shape(rows, 3 * 2), Shape(rows, layer.keptColumns),
        Shape(1, layer.scratch(rows: rows)), Shape(rows, 250), parameters,
      ], seed: 6)
    withExtendedLifetime(workspace) {
      let (weights, direction, x, memory) = (blocks[0], blocks[1], blocks[2], blocks[3])
      let (scratch, slopes, gradient) = (blocks[4], blocks[5], blocks[6])
      weights.scale(by: 0.05)
      func loss() -> Double {
        layer.forward(
          x, parameters: weights, activation: .tanh, memory: memory, scratch: scratch)
        return Matrix(layer.last(of: memory)).dot(slopes)
      }
      let step = 1e-5
      direction.scale(by: step)
      weights.add(direction)
      let above = loss()
      direction.scale(by: -2)
      weights.add(direction)
      let below = loss()
      direction.scale(by: -0.5)
      weights.add(direction)
      _ = loss()
      layer.backward(
        slopes, isLast: true, firstColumn: 0, slopeWidth: 250, parameters: weights,
        activation: .tanh, memory: memory, scratch: scratch, into: nil, adding: false,
        gradient: gradient)
      direction.scale(by: 1 / step)
      let expected = (above - below) / (2 * step)
      #expect(abs(Matrix(gradient).dot(direction) - expected) < 1e-6 * abs(expected))
    }
  }
}

extension Matrix {
  /// The sum of products with the elements of a block.
  fileprivate func dot(_ other: Block) -> Double {
    zip(elements, Matrix(other).elements).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
