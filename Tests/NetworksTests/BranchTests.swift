import Autodiff
import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Networks whose branches part and meet, all in one table.
enum BranchTable {
  struct Entry: CustomTestStringConvertible, Sendable {
    var name: String
    var make: @Sendable (Lab) throws -> Value
    var testDescription: String { name }
  }

  static let entries: [Entry] = [
    Entry(name: "residual block") { lab in
      let x = try lab("dense", lab("input", 6, named: [("seed", 3)]), 9, "tanh")
      let inner = try lab("dense", lab("dense", x, 7, "tanh"), 9)
      return try lab("dense", lab("add", x, inner), 4, "softmax")
    },
    Entry(name: "the input goes around") { lab in
      let x = try lab("input", 6, named: [("seed", 3)])
      return try lab("dense", lab("concat", x, lab("dense", x, 5, "sigmoid")), 4, "softmax")
    },
    Entry(name: "three branches, one of them the shared layer") { lab in
      let x = try lab("dense", lab("input", 6, named: [("seed", 3)]), 5, "tanh")
      let (a, b) = (try lab("dense", x, 5, "tanh"), try lab("dense", x, 5, "sigmoid"))
      return try lab("dense", lab("add", a, x, b), 4, "softmax")
    },
    Entry(name: "the same branch twice") { lab in
      let x = try lab("dense", lab("input", 6, named: [("seed", 3)]), 5, "tanh")
      return try lab("dense", lab("add", x, x), 4, "softmax")
    },
    Entry(name: "blocks within blocks") { lab in
      let x = try lab("dense", lab("input", 6, named: [("seed", 3)]), 5, "tanh")
      let inner = try lab("add", x, lab("dense", x, 5, "tanh"))
      let outer = try lab("concat", lab("dense", inner, 3, "tanh"), x, inner)
      return try lab("dense", lab("layernorm", outer), 4, "softmax")
    },
    Entry(name: "channels of two convolutions") { lab in
      let x = try lab("input", 6, 6, named: [("seed", 3)])
      let a = try lab("conv2d", x, 3, 3, "tanh", named: [("padding", "same")])
      let b = try lab("conv2d", x, 2, 5, "tanh", named: [("padding", "same")])
      let flat = try lab("flatten", lab("avgpool2d", lab("concat", a, b), 2))
      return try lab("dense", flat, 4, "softmax")
    },
    Entry(name: "flattened branches") { lab in
      let x = try lab("conv2d", lab("input", 5, 5, named: [("seed", 3)]), 2, 2, "tanh")
      let a = try lab("flatten", x)
      let b = try lab("dense", lab("flatten", lab("avgpool2d", x, 2)), 32, "tanh")
      return try lab("dense", lab("add", a, b), 4, "softmax")
    },
    Entry(name: "recurrent nets side by side") { lab in
      let x = try lab("input", 4, 3, named: [("seed", 3)])
      let joined = try lab("concat", lab("gru", x, 4), lab("lstm", x, 3))
      return try lab("dense", joined, 4, "softmax")
    },
    Entry(name: "codes beside what they code") { lab in
      let x = try lab("dense", lab("input", 6, named: [("seed", 3)]), 8, "softplus")
      let codes = try lab(
        "nmf_layer", x, 3, named: [("iterations", 300), ("weight", 0.1), ("l2", 0.01)])
      return try lab("dense", lab("concat", codes, x), 4, "softmax")
    },
    Entry(name: "weights used twice") { lab in
      let x = try lab("dense", lab("input", 6, named: [("seed", 3)]), 5, "tanh")
      return try lab("dense", lab("dense", x, 6, "sigmoid", named: [("tied", 1)]), 4, "softmax")
    },
    Entry(name: "weights used twice in a branch") { lab in
      let x = try lab("dense", lab("input", 6, named: [("seed", 3)]), 5, "tanh")
      let inner = try lab("dense", lab("dense", x, 3, "tanh"), 5, "silu", named: [("tied", 2)])
      return try lab("dense", lab("concat", lab("dense", x, 2), inner), 4, "softmax")
    },
    Entry(name: "batchnorm in a block") { lab in
      let x = try lab("dense", lab("input", 6, named: [("seed", 3)]), 5, "tanh")
      let inner = try lab("dense", lab("batchnorm", x), 5, "tanh")
      return try lab("dense", lab("batchnorm", lab("add", x, inner)), 4, "softmax")
    },
  ]
}

@Suite struct BranchTests {
  private let lab = Lab()

  private func network(_ entry: BranchTable.Entry) throws -> Network {
    try #require(Network.from(entry.make(lab)))
  }

  private func data(_ inputs: Int, rows: Int, _ precision: Precision = .double) -> TrainingData {
    var random = Random(seed: 11)
    return TrainingData(
      random.normal(rows, inputs), targets: Matrix(column: (0..<rows).map { Double($0 % 4) }),
      precision)
  }

  private func step(
    _ net: Network, _ values: [Matrix], rows: Int, optimizer: (any Optimizer)? = nil,
    _ precision: Precision = .double
  ) -> (loss: Double, gradients: [Matrix], values: [Matrix]) {
    let parameters = Parameters(values, precision)
    let machine = Machine(
      training: net.graph, parameters, rows: rows, targetColumns: 1, slots: optimizer?.slots ?? 0)
    let data = data(net.inputs, rows: rows, precision)
    var loss = 0.0
    for time in 1...(optimizer == nil ? 1 : 3) {
      loss =
        machine.step(
          on: Array(0..<rows)[...], of: data, loss: CrossEntropy(), chance: RowChance(seed: 5),
          optimizer: optimizer, time: time
        ).loss / Double(rows)
    }
    return (loss, machine.gradients, parameters.values)
  }

  @Test(arguments: BranchTable.entries)
  func gradientsEqualCentralDifferences(_ entry: BranchTable.Entry) throws {
    let net = try network(entry)
    let initial = net.parameters
    let found = step(net, initial, rows: 21)
    for (place, value) in initial.enumerated() where !value.isEmpty {
      let expected = CentralDifferences.gradient(at: value) { changed in
        var values = initial
        values[place] = changed
        return step(net, values, rows: 21).loss
      }
      #expect(
        CentralDifferences.largestError(found.gradients[place], expected) < 1e-5,
        "\(net.layers[place].title)")
    }
  }

  @Test(arguments: BranchTable.entries)
  func oneThreadAndManyGiveTheSameBits(_ entry: BranchTable.Entry) throws {
    let net = try network(entry)
    let shared = step(net, net.parameters, rows: 300, optimizer: Adam(), .single)
    var alone: [[Matrix]] = []
    ThreadPool.shared.run(2) { piece in
      if piece == 0 {
        alone.append(step(net, net.parameters, rows: 300, optimizer: Adam(), .single).values)
      }
    }
    #expect(alone.count == 1)
    for (a, b) in zip(shared.values, alone[0]) { #expect(a.isIdentical(to: b)) }
  }

  @Test(arguments: BranchTable.entries)
  func goingForwardAloneGivesTheLossOfAStep(_ entry: BranchTable.Entry) throws {
    if entry.name.contains("batchnorm") || entry.name.contains("codes") { return }
    let net = try network(entry)
    let forward =
      Machine(net.graph, Parameters(net.parameters, .double), rows: 9)
      .evaluate(data(net.inputs, rows: 40), loss: CrossEntropy()).loss / 40
    #expect(abs(step(net, net.parameters, rows: 40).loss - forward) < 1e-10)
  }

  @Test(arguments: BranchTable.entries)
  func stepsAskForNoMemory(_ entry: BranchTable.Entry) throws {
    let net = try network(entry)
    let parameters = Parameters(net.parameters, .single)
    let machine = Machine(training: net.graph, parameters, rows: 64, targetColumns: 1, slots: 2)
    let data = data(net.inputs, rows: 64, .single)
    let order = Array(0..<64)
    let optimizer: any Optimizer = Adam()
    func steps(_ count: Int) {
      for time in 1...count {
        _ = machine.step(
          on: order[...], of: data, loss: CrossEntropy(), chance: RowChance(seed: 1),
          optimizer: optimizer, time: time)
      }
    }
    steps(3)
    #expect(Allocations.count { steps(5) } == 0)
  }

  /// A block whose own layers give nothing is the identity.
  @Test func aResidualBlockOfZerosChangesNothing() throws {
    let x = try lab("dense", lab("input", 4, named: [("seed", 1)]), 4)
    let plain = try #require(Network.from(x))
    let net = try #require(Network.from(lab("add", x, lab("dense", x, 4))))
    var values = net.parameters
    values[1] = .zeros(values[1].rows, values[1].columns)
    let rows = Matrix([[1, 2, 3, 4], [5, -6, 7, 8]])
    let found = Matrix.zeros(2, 4)
    rows.withBlock { from in
      found.withBlock {
        Machine(net.graph, Parameters(values, .double), rows: 2).predict(from, into: $0)
      }
    }
    #expect(found.isClose(to: plain.outputs(for: rows), relative: 1e-5))
  }

  @Test func sharedLayersAreTakenOnce() throws {
    let x = try lab("dense", lab("input", 4), 8, "relu")
    let net = try #require(Network.from(lab("add", x, lab("dense", x, 8))))
    #expect(net.layers.map(\.title) == ["dense 8 relu", "dense 8", "add"])
    #expect(net.graph.sources == [[-1], [0], [0, 1]])
    #expect(net.shapeFlow == "4 → 8 → 8 → add 8")
    let summary = net.summary(width: 100)
    #expect(summary.contains("add           1, 2: 8 → 8"))
  }

  @Test func oneShapeAndOneInputAreNeeded() throws {
    let x = try lab("input", 4, named: [("seed", 1)])
    let (a, b) = (try lab("dense", x, 8, "relu"), try lab("dense", x, 6))
    let shapes = try #require(lab.problem { _ = try lab("add", a, b) })
    #expect(shapes.message == "layer 'add' needs branches of one shape, and gets 8 and 6")
    #expect(shapes.arguments.map(\.label) == ["4 → 8", "4 → 6"])
    #expect(shapes.help == "end it with dense(8)")
    let other = try lab("dense", lab("input", 4, named: [("seed", 1)]), 8)
    let inputs = try #require(lab.problem { _ = try lab("add", a, other) })
    #expect(inputs.message.contains("start at different inputs"))
    let images = try lab("input", 8, 8)
    let small = try lab("conv2d", images, 3, 3)
    let size = try #require(lab.problem { _ = try lab("concat", small, images) })
    #expect(size.help == "padding=\"same\" keeps the size of an image")
    let moments = try lab("gru", images, 3, named: [("return", "sequence")])
    let features = try #require(lab.problem { _ = try lab("add", images, moments) })
    #expect(features.help == "give it as many features: 8")
    #expect(lab.problem { _ = try lab("concat", a, b, 3) }?.arguments.first?.parameter == "more")
  }

  @Test func theFirstLayersKeepWhatTheyHaveLearnt() throws {
    let net = try lab.train(
      lab.net(2, (10, "relu"), (2, "softmax")), FourPoints.x, FourPoints.y, ("epochs", 20))
    let first = try #require(Network.from(lab("upto", net.value, 1)))
    #expect(first.outputs == 10 && first.layers.count == 1)
    #expect(first.parameters[0].isIdentical(to: net.parameters[0]))
    let longer = try #require(Network.from(lab("dense", first.value, 3, "softmax")))
    #expect(longer.parameters[0].isIdentical(to: net.parameters[0]))
    #expect(longer.summary(width: 80).contains("starts from learnt weights"))
    // Joined branches bring theirs along.
    let joined = try #require(Network.from(lab("add", first.value, lab("dense", first.value, 10))))
    #expect(joined.parameters[0].isIdentical(to: net.parameters[0]))
    #expect(joined.parameters[1].rows == 11)
    // A branch that does not lead there stays behind.
    let wide = try lab("dense", first.value, 10, "relu")
    let ends = try lab("dense", lab("add", first.value, lab("dense", first.value, 10), wide), 2)
    let branch = try #require(Network.from(lab("upto", ends, 3)))
    #expect(branch.layers.map(\.title) == ["dense 10 relu", "dense 10 relu"])
    #expect(branch.graph.sources == [[Graph.input], [0]])
    let problem = lab.problem { _ = try lab("upto", net.value, 3) }
    #expect(problem?.message == "this network has 2 layers")
  }

  @Test func branchesLearnTogether() throws {
    let x = try lab("dense", lab("input", 2, named: [("seed", 1)]), 10, "relu")
    let block = try lab("add", x, lab("dense", x, 10, "tanh"))
    let net = try #require(Network.from(lab("dense", block, 2, "softmax")))
    let trained = try lab.train(
      net, FourPoints.x, FourPoints.y, ("epochs", 200), ("batch", 4),
      ("optimizer", lab("adam", 0.05)))
    #expect(try trained.evaluated(FourPoints.x, FourPoints.y).accuracy == 1)
    let longer = try lab.train(trained, FourPoints.x, FourPoints.y, ("epochs", 1))
    #expect(longer.graph.sources == net.graph.sources)
  }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral
{
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(stringLiteral value: String) { self = .text(value) }
}
