import Autodiff
import Glibc
import Matrices
import Testing

import Networks

/// Layers, losses and optimizers on PyTorch's numbers.
@Suite struct TorchTests {
  private static func wave(_ rows: Int, _ columns: Int, _ shift: Double, _ scale: Double = 1)
    -> Matrix
  {
    Matrix(rows, columns, (0..<rows * columns).map { scale * sin(Double($0) * 0.7 + shift) })
  }

  private static let layers: [String: any Layer] = {
    func geometry(_ sizes: Int...) -> Geometry { Geometry(sizes: sizes) }
    var layers: [String: any Layer] = [
      "conv": LayerTable.conv(geometry(5, 6), 3, 3, 3),
      "convOfChannels": LayerTable.conv(geometry(4, 5, 5), 4, 2, 2),
      "convSameStride": LayerTable.conv(geometry(5, 6, 2), 3, 3, 3, stride: 2, same: true),
      "maxpool": LayerTable.pool(.largest, geometry(5, 6, 3), 2, 2),
      "avgpool": LayerTable.pool(.mean, geometry(5, 7, 2), 3, 2),
      "rnn": LayerTable.recurrent(.simple, geometry(4, 3), 5),
      "gru": LayerTable.recurrent(.gru, geometry(4, 3), 5),
      "gruBoth": LayerTable.recurrent(.gru, geometry(3, 2), 4, sequence: true, both: true),
      "lstm": LayerTable.recurrent(.lstm, geometry(4, 3), 5),
      "lstmBoth": LayerTable.recurrent(.lstm, geometry(3, 2), 4, both: true),
      "layernorm": LayerNorm(input: geometry(6)),
    ]
    for f in Activation.allCases where f != .linear {
      layers[f.rawValue] = ActivationLayer(input: geometry(7), activation: f)
    }
    return layers
  }()

  @Test(arguments: layers.keys.sorted())
  func layersEqualPyTorch(_ name: String) throws {
    let layer = try #require(Self.layers[name])
    let expected = try #require(try TorchLayers.found.get().layers[name])
    let x = Self.wave(3, layer.inputs, 0.3)
    let shape = layer.parameterShape
    let parameters = Self.wave(shape.rows, shape.columns, 1.1, 0.5)
    let shapes = [
      x.shape, Shape(3, layer.outputs), shape, Shape(3, layer.keptColumns),
      Shape(1, layer.scratch(rows: 3)), Shape(3, layer.outputs), x.shape, shape, Shape(0, 0),
    ]
    let workspace = Workspace(.double, shapes: shapes)
    let blocks = shapes.map { workspace.take($0) }
    withExtendedLifetime(workspace) {
      blocks[0].copy(from: x)
      if !shape.isEmpty { blocks[2].copy(from: parameters) }
      let pass = Pass(
        x: blocks[0], y: blocks[1], parameters: blocks[2], activation: layer.activation,
        kept: blocks[3], scratch: blocks[4], prepared: blocks[8], chance: nil, scale: 1)
      layer.forward(pass)
      #expect(
        Matrix(blocks[1]).isClose(to: expected.outputs.matrix, relative: 1e-9, absolute: 1e-10))
      blocks[5].copy(from: Self.wave(3, layer.outputs, 2))
      let gradient = shape.isEmpty ? nil : blocks[7]
      _ = layer.backward(pass, dy: blocks[5], dx: blocks[6], gradient: gradient)
      #expect(
        Matrix(blocks[6]).isClose(
          to: expected.inputGradient.matrix, relative: 1e-9, absolute: 1e-10))
      if let gradient, let wanted = expected.parameterGradient?.matrix {
        #expect(Matrix(gradient).isClose(to: wanted, relative: 1e-9, absolute: 1e-10))
      }
    }
  }

  @Test func everythingThatPyTorchGaveIsCompared() throws {
    let found = try TorchLayers.found.get()
    #expect(Set(found.layers.keys) == Set(Self.layers.keys))
    #expect(Set(found.losses.keys) == Set(losses.map(\.name)))
    #expect(found.optimizers.count == 3)
  }

  @Test(arguments: losses.map(\.name))
  func lossesEqualPyTorch(_ name: String) throws {
    let loss = try #require(losses.first { $0.name == name })
    let expected = try #require(try TorchLayers.found.get().losses[name])
    let z = Self.wave(4, 3, 0.3, 2)
    let targets = expected.targets.matrix
    let workspace = Workspace(.double, shapes: [z.shape, targets.shape, z.shape])
    let (x, t) = (workspace.take(z.shape), workspace.take(targets.shape))
    let gradient = workspace.take(z.shape)
    withExtendedLifetime(workspace) {
      x.copy(from: z)
      t.copy(from: targets)
      let sum = loss.evaluate(x, targets: t, gradient: gradient, scale: 0.25)
      #expect(abs(sum.loss / 4 - expected.loss) < 1e-10)
      #expect(
        Matrix(gradient).isClose(to: expected.gradient.matrix, relative: 1e-9, absolute: 1e-10))
    }
  }

  @Test(arguments: ["adagrad", "adamw", "rmsprop"])
  func fiveStepsEqualPyTorch(_ name: String) throws {
    let optimizer: any Optimizer =
      switch name {
      case "adamw": Adam(rate: 0.01, decoupled: 0.1)
      case "rmsprop": RMSProp(rate: 0.01, decay: 0.9)
      default: AdaGrad(rate: 0.1)
      }
    let expected = try #require(try TorchLayers.found.get().optimizers[name])
    let row = Shape(1, 6)
    let workspace = Workspace(.double, shapes: [row, row, Shape(optimizer.slots, 6)])
    let (x, g) = (workspace.take(row), workspace.take(row))
    let state = workspace.take(Shape(optimizer.slots, 6))
    withExtendedLifetime(workspace) {
      x.copy(from: Self.wave(1, 6, 0.3))
      for step in 1...5 {
        g.copy(from: Self.wave(1, 6, Double(step)))
        optimizer.update(x, gradient: g, state: state, step: step)
      }
      #expect(Matrix(x).isClose(to: expected.matrix, relative: 1e-9, absolute: 1e-10))
    }
  }
}
