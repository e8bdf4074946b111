import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Networks as values: fields, summary, predictions; and what prepares data for them.
@Suite struct ValueTests {
  let lab = Lab()

  private func matrix(_ value: Value?) throws -> Matrix {
    try #require(value.flatMap { Matrix.from($0) })
  }

  @Test func aNewNetworkHasWeightsOfItsSeed() throws {
    let net = try lab.net(3, (4, "relu"), (2, "softmax"))
    let first = try matrix(net.field("W1"))
    #expect(first.shape == Shape(3, 4))
    #expect(try matrix(net.field("b2")) == .zeros(1, 2))
    #expect(first == (try matrix(try lab.net(3, (4, "relu")).field("W1"))))
    #expect(first != (try matrix(try lab.net(3, seed: 2, (4, "relu")).field("W1"))))
    #expect(net.parameterCount == 26)
    #expect(net.fieldNames.allSatisfy { net.field($0) != nil })
    #expect(net.field("history") == nil)
  }

  @Test func initialWeightsHaveTheDeviationsOfTheirPapers() {
    var random = Random(seed: 1)
    let he = Dense(inputs: 400, outputs: 300, activation: .relu).initialParameters(&random)
    let glorot = Dense(inputs: 400, outputs: 200, activation: .tanh).initialParameters(&random)
    #expect(abs(he.rows(in: 0..<400).variance - 2.0 / 400) < 1e-4)
    #expect(abs(glorot.rows(in: 0..<400).variance - 2.0 / 600) < 1e-4)
    #expect(glorot.total(.maximum) <= 0.1 && he.rows(in: 400..<401) == .zeros(1, 300))
  }

  @Test func everyFieldOfATrainedNetworkIsThere() throws {
    let net = try lab.train(
      lab.net(2, (10, "relu"), (2, "softmax")), FourPoints.x, FourPoints.y + 1,
      ("batch", .number(4)), ("epochs", .number(7)))
    #expect(net.fieldNames.allSatisfy { net.field($0) != nil })
    #expect(net.field("nonsense") == nil)
    let history = try #require(net.field("history").flatMap { Record.from($0) })
    #expect(history.keys == ["epoch", "loss", "accuracy", "seconds"])
    #expect(try matrix(history["epoch"]) == Matrix(column: [1, 2, 3, 4, 5, 6, 7]))
    #expect(try matrix(net.field("classes")) == Matrix(row: [1, 2]))
  }

  @Test func summariesFitAndSayHowItWasMade() throws {
    let new = try lab.net(784, (128, "relu"), (10, "softmax"))
    #expect(
      new.summary(width: 80) == """
        network 784 → 128 → 10, 101770 parameters
             layer             shape      parameters  multiply-adds
          1  dense 128 relu    784 → 128      100480         100352
          2  dense 10 softmax  128 → 10         1290           1280
        memory: 407 kB of parameters, 3.69 kB a row on the way
        not trained (seed 1)
        """)
    let net = try lab.train(
      lab.net(2, (10, "relu"), (2, "softmax")), FourPoints.x, FourPoints.y, ("batch", .number(4)),
      ("epochs", .number(300)))
    let summary = net.summary(width: 80)
    #expect(summary.contains("300 epochs") && summary.contains("adam(0.001), batch 4, seed 1"))
    for width in [1, 20, 40, 80] {
      #expect(net.summary(width: width).split(separator: "\n").allSatisfy { $0.count <= width })
    }
  }

  @Test func timesOfLayersAreMeasuredWhereAsked() throws {
    let net = try lab.net(6, (4, "relu"), (2, "softmax"))
    let lines = net.timedSummary(width: 100).split(separator: "\n")
    #expect(
      lines[1].contains("forward") && lines[1].hasSuffix("back")
        && lines.contains { $0.hasPrefix("times: ") })
    #expect(lines[2].split(separator: " ").suffix(2).allSatisfy { Double($0) != nil })
  }

  @Test func predictionsAreProbabilitiesOfEveryRow() throws {
    let net = try lab.net(3, (4, "relu"), (5, "softmax"))
    var random = Random(seed: 2)
    // More rows than go forward together.
    let x = random.normal(2500, 3)
    let y = try matrix(try net.predict([.matrix(x)], lab.context))
    #expect(y.shape == Shape(2500, 5))
    #expect(y.reduced(.sum, along: .columns).isClose(to: .ones(2500, 1), relative: 1e-5))
    #expect(
      y.rows(in: 2000..<2001).isClose(to: net.outputs(for: x.rows(in: 2000..<2001)), relative: 1e-5)
    )
    #expect(net.outputs(for: x.transposed.rowMajor().transposed).isIdentical(to: y))
    #expect(throws: Problem.self) { try net.predict([.matrix(.ones(2, 4))], lab.context) }
    #expect(throws: Problem.self) { try net.predict([.text("x")], lab.context) }
  }

  @Test func oneHotHasAColumnForEveryClass() throws {
    let found = try matrix(try lab("one_hot", .matrix(Matrix(column: [7, 3, 7]))))
    #expect(found == Matrix([[0, 1], [1, 0], [0, 1]]))
    let wider = try matrix(
      try lab(
        "one_hot", .matrix(Matrix(column: [1])),
        named: [("classes", .range(NumberRange(from: 0, to: 2)))]))
    #expect(wider == Matrix([[0, 1, 0]]))
    #expect(
      lab.problem {
        _ = try lab(
          "one_hot", .matrix(Matrix(column: [5])), named: [("classes", .matrix(Matrix(row: [1])))])
      }?.message.contains("row 1 is 5") == true)
  }

  @Test func splitPartsEveryRowOnce() throws {
    let x = Matrix(column: (0..<10).map(Double.init))
    let value = try lab("split", .matrix(x), .matrix(x + 100), named: [("seed", .number(3))])
    guard case .list(let parts) = value else {
      Issue.record("no list")
      return
    }
    let matrices = try parts.map { try matrix($0) }
    #expect(matrices.map(\.rows) == [8, 8, 2, 2])
    #expect((matrices[0].elements + matrices[2].elements).sorted() == x.elements)
    #expect(matrices[1] == matrices[0] + 100 && matrices[3] == matrices[2] + 100)
    for fraction in [0, 1, 80, -1, Double.nan] {
      #expect(
        lab.problem {
          _ = try lab("split", .matrix(x), named: [("fraction", .number(fraction))])
        } != nil)
    }
  }

  @Test func standardizeUsesTheTrainingData() throws {
    let x = Matrix([[1, 5], [2, 5], [3, 5]])
    #expect(try matrix(try lab("standardize", .matrix(x))) == Matrix([[-1, 0], [0, 0], [1, 0]]))
    let test = try matrix(
      try lab("standardize", .matrix(Matrix([[4, 6]])), named: [("like", .matrix(x))]))
    #expect(test == Matrix([[2, 1]]))
    #expect(lab.problem { _ = try lab("standardize", .matrix(.ones(1, 3))) }?.kind == .shape)
  }

  @Test func accuracyComparesPredictionsWithLabels() throws {
    let p = Matrix([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    for labels in [Matrix(column: [1, 2, 2]), Matrix([[1, 0], [0, 1], [0, 1]])] {
      let found = Double.from(try lab("accuracy", .matrix(p), .matrix(labels)))
      #expect(abs(try #require(found) - 2.0 / 3) < 1e-12)
    }
  }
}

/// Guards over the whole list.
@Suite struct NetworksLibraryTests {
  @Test func everyBuiltinIsDocumented() {
    let names = NetworksLibrary.builtins.map(\.name)
    #expect(Set(names).count == names.count)
    for builtin in NetworksLibrary.builtins {
      #expect(builtin.summary.hasSuffix("."))
      #expect(!builtin.examples.isEmpty)
      #expect(!builtin.shapes.isEmpty || builtin.family == .optimizers)
      #expect(builtin.signature.parameters.allSatisfy { !$0.summary.isEmpty })
    }
  }
}
