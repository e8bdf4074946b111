import Autodiff
import Matrices
import Testing
import Vocabulary

import Networks

/// Confusion, precision, recall and f1, against scikit-learn; explanations against differences.
@Suite struct MetricTests {
  let lab = Lab()

  /// The two columns of the reference.
  private static let truth = Matrix(column: (0..<60).map { label($0) })

  private static func label(_ i: Int) -> Double {
    let place = (i * i + i / 7) % 5
    return Double(place + 1)
  }

  private static let guess = Matrix(column: (0..<60).map { guess(at: $0) })

  private static func guess(at i: Int) -> Double {
    if i % 17 == 0 { return 6 }
    return i % 3 == 0 ? Double((i * 7) % 4 + 1) : min(truth[i, 0], 4)
  }

  @Test func countsAreThoseOfScikitLearn() throws {
    let found = try #require(
      Confusion.from(try lab("confusion", .matrix(Self.guess), .matrix(Self.truth))))
    #expect(found.counts == SklearnMetrics.counts)
    #expect(found.classes == [1, 2, 3, 4, 5, 6])
    #expect(abs(found.accuracy - SklearnMetrics.accuracy) < 1e-15)
    #expect(found.fieldNames.allSatisfy { found.field($0) != nil })
    for width in [10, 24, 40, 80] {
      #expect(found.summary(width: width).split(separator: "\n").allSatisfy { $0.count <= width })
    }
  }

  @Test(arguments: Confusion.Score.allCases, Confusion.Average.allCases)
  func scoresAreThoseOfScikitLearn(_ score: Confusion.Score, _ average: Confusion.Average) throws {
    let found = try lab(
      score.rawValue, .matrix(Self.guess), .matrix(Self.truth),
      named: [("average", .text(average.rawValue))])
    let numbers = try #require(Matrix.from(found)).elements
    let expected: [Double] = try #require(SklearnMetrics.scores[score.rawValue]?[average.rawValue])
    #expect(numbers.count == expected.count)
    for place in expected.indices { #expect(abs(numbers[place] - expected[place]) < 1e-15) }
  }

  /// Scores of classes, and a score on either side of 0: what training counts as right.
  @Test func networksOfHingeHaveClassesToo() throws {
    var random = Random(seed: 1)
    let x = random.normal(30, 2)
    let three = Matrix(column: (0..<30).map { Double($0 % 3 + 1) })
    let sides = Matrix(column: (0..<30).map { Double($0 % 2 * 2 - 1) })
    let cases: [(Int, Matrix, [Double])] = [(3, three, [1, 2, 3]), (1, sides, [-1, 1])]
    for (outputs, y, classes) in cases {
      let net = try lab.train(lab.net(2, (outputs, "linear")), x, y, ("loss", "hinge"))
      let found = try #require(
        Confusion.from(try lab("confusion", net.value, .matrix(x), .matrix(y))))
      #expect(found.classes == classes)
      #expect(try net.evaluated(x, y).accuracy == found.accuracy)
    }
    let line = try lab.train(lab.net(2, (1, "linear")), x, sides, ("loss", "hinge"))
    let problem = lab.problem { _ = try lab("accuracy", line.value, .matrix(x), .matrix(three)) }
    #expect(problem?.message.hasPrefix("one output tells -1 from 1") == true)
  }

  /// Several yes and no at once are no classes; how many rows are right is known all the same.
  @Test func severalSharesSayWhereTheirAccuracyIs() throws {
    let (x, y) = (FourPoints.x, FourPoints.x)
    let net = try lab.train(lab.net(2, (2, "sigmoid")), x, y, ("loss", "binary_crossentropy"))
    let problem = lab.problem { _ = try lab("accuracy", net.value, .matrix(x), .matrix(y)) }
    #expect(problem?.help?.contains("evaluate(net, X, y).accuracy") == true)
  }

  @Test func networksAndProbabilitiesHaveClassesToo() throws {
    let net = try lab.net(2, (3, "softmax"))
    var random = Random(seed: 1)
    let x = random.normal(30, 2)
    let y = Matrix(column: (0..<30).map { Double($0 % 3 + 1) })
    let own = try #require(Confusion.from(try lab("confusion", net.value, .matrix(x), .matrix(y))))
    let probabilities = net.outputs(for: x)
    let other = try #require(
      Confusion.from(try lab("confusion", .matrix(probabilities), .matrix(y))))
    #expect(own.counts == other.counts && own.classes == [1, 2, 3])
    #expect(try #require(try net.evaluated(x, y).accuracy) == own.accuracy)
    let single = try lab.net(2, (1, "sigmoid"))
    let halves = try #require(
      Confusion.from(
        try lab(
          "confusion", single.value, .matrix(x),
          .matrix(Matrix.combine(.less, x.transposed.rows(in: 0..<1).transposed, 0)))))
    #expect(halves.classes == [0, 1] && halves.counts.total(.sum) == 30)
    #expect(lab.problem { _ = try lab("f1", single.value, .matrix(x), .matrix(y)) } != nil)
    #expect(lab.problem { _ = try lab("recall", .matrix(x), .matrix(.ones(3, 1))) } != nil)
  }
}

/// Why a network says what it does.
@Suite struct ExplanationTests {
  let lab = Lab()

  /// The network of an entry of the layer table, ending in three scores.
  private func network(_ entry: LayerTable.Entry) -> Network {
    let layers = entry.layers(entry.input)
    let output = layers.last?.output ?? entry.input
    var all = layers
    if !output.isPlain { all.append(Flatten(input: output)) }
    all.append(Dense(inputs: output.count, outputs: 3, activation: .softmax))
    return Network(input: entry.input, graph: Graph(all), seed: 2)
  }

  static let explained = LayerTable.entries.filter { !$0.name.contains("embedding") }

  @Test(arguments: explained)
  func slopesAreThoseOfDifferences(_ entry: LayerTable.Entry) throws {
    let net = network(entry)
    var random = Random(seed: 6)
    let x = random.uniform(1, net.inputs) + 0.2
    let way = InputSlopes(net, rows: 1)
    let found = way.run(x, column: 1)
    let step = 1e-6
    for place in 0..<min(net.inputs, 12) {
      var (up, down) = (x, x)
      up[0, place] += step
      down[0, place] -= step
      let slope =
        (way.run(up, column: 1).outputs[0, 1] - way.run(down, column: 1).outputs[0, 1]) / (2 * step)
      #expect(abs(slope - found.slopes[0, place]) < 1e-5 * max(1, abs(slope)), "\(place)")
    }
  }

  @Test func theSumIsWhatTheScoreHasGained() throws {
    var value = try lab("input", .number(6), .number(6), named: [("seed", .number(4))])
    value = try lab("conv2d", value, .number(4), .number(3), .text("tanh"))
    value = try lab("batchnorm", value)
    value = try lab("flatten", value)
    value = try lab("dense", value, .number(5), .text("relu"))
    value = try lab("dense", value, .number(3), .text("softmax"))
    var random = Random(seed: 2)
    let x = random.uniform(24, 36)
    let y = Matrix(column: (0..<24).map { Double($0 % 3) * 10 })
    let net = try lab.train(try #require(Network.from(value)), x, y, ("epochs", .number(3)))
    let row = x.rows(in: 3..<4)
    let found = try net.attribution(
      of: row, output: 2, .integrated, steps: 200, baseline: .zeros(1, 36))
    #expect(abs(found.score - found.baseline - found.values.total(.sum)) < 1e-3)
    #expect(found.label == 20 && found.values.shape == Shape(1, 36))
    #expect(Matrix.from(found.field("map") ?? .nothing)?.shape == Shape(6, 6))
    // The scores are those of the network, before softmax.
    let scores = (0..<3).map { column in
      InputSlopes(net, rows: 1).run(row, column: column).outputs[0, column]
    }
    let own = Matrix(row: scores).softmax(along: .columns)
    #expect(own.isClose(to: net.outputs(for: row), relative: 1e-4, absolute: 1e-5))
    for width in [10, 40, 80] {
      #expect(found.summary(width: width).split(separator: "\n").allSatisfy { $0.count <= width })
    }
  }

  @Test func explanationsSayWhatTheyExplain() throws {
    let classes = try lab.net(3, (2, "softmax"))
    let line = try lab.net(3, (2, "linear"))
    func words(_ net: Network) throws -> String {
      try net.attribution(
        of: .ones(1, 3), output: 1, .gradient, steps: 1, baseline: .zeros(1, 3)
      ).summary(width: 80)
    }
    #expect(try words(classes).hasPrefix("explanation of class 2, gradient"))
    #expect(try words(line).hasPrefix("explanation of output 2, gradient"))
    #expect(try words(line).hasSuffix(" a number"))
  }

  /// Rows are of class 2 where they have the third of five names: that one speaks for it.
  @Test func aNameGetsWhatItsVectorHasGained() throws {
    var value = try lab("embedding", lab("input", 4, named: [("seed", 4)]), 5, 3)
    value = try lab("dense", lab("flatten", value), 6, "tanh")
    value = try lab("dense", value, 2, "softmax")
    var random = Random(seed: 2)
    let x = random.whole(in: 1...5, 300, 4)
    let y = Matrix(column: (0..<300).map { row in x.row(row).contains(3) ? 2.0 : 1 })
    let net = try lab.train(
      try #require(Network.from(value)), x, y, ("epochs", 60), ("optimizer", lab("adam", 0.01)))
    func explained(_ named: (String, Value)...) throws -> Attribution {
      let why = try net.explain([.matrix(Matrix([[1, 3, 5, 2]]))], Record(named), lab.context)
      guard case .object(let object) = why else { throw CancellationError() }
      return try #require(object as? Attribution)
    }
    let found = try explained(("class", 2), ("steps", 200))
    #expect(abs(found.score - found.baseline - found.values.total(.sum)) < 1e-3)
    #expect(found.label == 2 && found.values.shape == Shape(1, 4))
    #expect(found.values.argMaximum(along: .columns)[0] == 1 && found.values[0, 1] > 1)
    // Compared with a row that differs in this name alone, the others have gained nothing.
    let other = try explained(
      ("class", 2), ("baseline", .matrix(Matrix([[1, 1, 5, 2]]))), ("steps", 200))
    #expect(other.values[0, 0] == 0 && other.values[0, 2] == 0 && other.values[0, 3] == 0)
    #expect(other.values[0, 1] > 1)
    #expect(try explained(("method", "gradient")).values.firstNonFinite == nil)
    // A branch beside the embedding has no way of its own to explain.
    let pairs = try lab("mf_layer", lab("input", 2), 3, 4, 2)
    let problem = lab.problem {
      _ = try #require(Network.from(pairs)).explain(
        [.matrix(Matrix([[1, 2]]))], Record(), lab.context)
    }
    #expect(problem?.message.contains("are names, which have no slope") == true)
  }
}
