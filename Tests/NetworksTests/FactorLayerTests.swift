import Autodiff
import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Factor models as layers: dictionaries that start from data, pairs, tied weights.
@Suite struct FactorLayerTests {
  private let lab = Lab()

  private func network(_ value: Value) throws -> Network { try #require(Network.from(value)) }

  /// Rows that are sums of few of `k` parts, each of which has numbers of its own.
  private func planted(_ rows: Int, _ k: Int) -> (x: Matrix, parts: Matrix) {
    var random = Random(seed: 21)
    var parts = random.uniform(12, k) * 0.1
    for part in 0..<k { for i in 0..<3 { parts[3 * part + i, part] = 1 } }
    let codes = (random.uniform(rows, k) - 0.5).mapped(.relu)
    return (codes * parts.transposed, parts)
  }

  // MARK: Dictionaries that start from data

  @Test func aPlantedDictionaryIsThereBeforeTheFirstStep() throws {
    let (x, parts) = planted(400, 4)
    let net = try network(
      lab("nmf_layer", lab("input", 12, named: [("seed", 1)]), 4, named: [("start", "nmf")]))
    let trained = try lab.train(net, x, .zeros(400, 4), ("epochs", 0))
    let found = try #require(trained.field("D1").flatMap { Matrix.from($0) })
    let unit = parts.times(
      .ones(12, 1)
        * parts.times(parts).reduced(.sum, along: .rows).mapped(.sqrt).mapped(.reciprocal))
    let cosines = unit.transposed * found.converted(to: .double)
    for part in 0..<4 { #expect((cosines.row(part).max() ?? 0) > 0.995) }
    #expect(found.total(.minimum) >= 0)
    #expect(
      found.times(found).reduced(.sum, along: .rows).isClose(to: .ones(1, 4), relative: 1e-5))
  }

  /// On maps of filters it codes pixels, on sequences moments.
  @Test(arguments: ["conv2d", "gru"])
  func dictionariesOfPositionsStartWithASmallerLoss(_ kind: String) throws {
    let x = Random.planted(60, 36)
    let y = Matrix(column: (0..<60).map { Double($0 % 2) })
    func loss(_ start: [(String, Value)]) throws -> Double {
      let input = try lab("input", 6, 6, named: [("seed", 1)])
      let before =
        kind == "conv2d"
        ? try lab("conv2d", input, 5, 3, "relu")
        : try lab(
          "activation", lab("gru", input, 6, named: [("return", "sequence")]), "relu")
      let coded = try lab("nmf_layer", before, 3, named: [("weight", 10)] + start)
      let net = try network(lab("dense", lab("flatten", coded), 2, "softmax"))
      return try #require(lab.train(net, x, y, ("epochs", 1)).trained?.history.loss.first)
    }
    #expect(try loss([("start", "nmf")]) < loss([]))
  }

  @Test func theSameSeedStartsWithTheSameDictionary() throws {
    let (x, _) = planted(100, 4)
    let net = try network(
      lab(
        "dense",
        lab("nmf_layer", lab("input", 12, named: [("seed", 1)]), 4, named: [("start", "nmf")]), 2,
        "softmax"))
    let y = Matrix(column: (0..<100).map { Double($0 % 2) })
    let (one, two) = (try lab.train(net, x, y), try lab.train(net, x, y))
    for (a, b) in zip(one.parameters, two.parameters) { #expect(a.isIdentical(to: b)) }
  }

  @Test func startsAreDictionariesOrNMF() throws {
    let net = try lab("input", 12)
    func refusal(_ start: Value) -> Problem? {
      lab.problem { _ = try lab("nmf_layer", net, 4, named: [("start", start)]) }
    }
    #expect(refusal("svd")?.message.contains("\"nmf\"") == true)
    #expect(refusal(.matrix(.ones(4, 12)))?.help == "transpose it with '")
    #expect(refusal(.matrix(.ones(12, 4) * -1))?.message == "a dictionary is ≥ 0")
    #expect(refusal(.boolean(true)) != nil)
  }

  /// Reconstruction and classes together: supervised NMF.
  @Test func reconstructionAndClassesAreLearntTogether() throws {
    let (x, _) = planted(300, 4)
    let y = Matrix(column: (0..<300).map { x[$0, 0] > x[$0, 3] ? 1.0 : 0.0 })
    let layer = try lab(
      "nmf_layer", lab("input", 12, named: [("seed", 1)]), 4,
      named: [("start", "nmf"), ("weight", 5)])
    let net = try lab.train(
      try network(lab("dense", layer, 2, "softmax")), x, y, ("epochs", 60),
      ("optimizer", lab("adam", 0.02)))
    #expect(try #require(net.evaluated(x, y).accuracy) > 0.95)
    #expect(net.summary(width: 90).contains("layer 1 is nonnegative unit: weights 0"))
  }

  // MARK: Pairs

  private func gradientsAreRight(_ net: Network, _ x: Matrix) {
    var random = Random(seed: 5)
    let data = TrainingData(x, targets: random.normal(x.rows, 1), .double)
    let initial = net.parameters
    func step(_ values: [Matrix]) -> (loss: Double, gradients: [Matrix]) {
      let machine = Machine(
        training: net.graph, Parameters(values, .double), rows: x.rows, targetColumns: 1, slots: 0)
      let sum = machine.step(
        on: Array(0..<x.rows)[...], of: data, loss: MeanSquaredError(),
        chance: RowChance(seed: 5), optimizer: nil, time: 1)
      return (sum.loss / Double(x.rows), machine.gradients)
    }
    let found = step(initial).gradients
    for (place, value) in initial.enumerated() where !value.isEmpty {
      let expected = CentralDifferences.gradient(at: value) { changed in
        var values = initial
        values[place] = changed
        return step(values).loss
      }
      #expect(
        CentralDifferences.largestError(found[place], expected) < 1e-6, "\(net.layers[place].title)"
      )
    }
  }

  /// All pairs of users and items.
  private func pairs(_ users: Int, _ items: Int) -> Matrix {
    Matrix(
      users * items, 2,
      (0..<users * items).flatMap { [Double($0 / items + 1), Double($0 % items + 1)] })
  }

  @Test func gradientsOfPairsEqualCentralDifferences() throws {
    let x = try lab("input", 2, named: [("seed", 3)])
    gradientsAreRight(try network(lab("mf_layer", x, 5, 7, 3, named: [("l2", 0.01)])), pairs(5, 7))
    let both = try lab(
      "concat", lab("embedding", x, 5, 3, named: [("column", 1)]),
      lab("embedding", x, 7, 4, named: [("column", 2), ("l2", 0.1)]))
    let net = try lab("dense", lab("dense", lab("flatten", both), 6, "tanh"), 1)
    gradientsAreRight(try network(net), pairs(5, 7))
  }

  @Test func aPlantedFactorModelIsRecovered() throws {
    var random = Random(seed: 8)
    let (users, items) = (40, 30)
    let scores =
      random.normal(users, 2) * random.normal(2, items) + random.normal(users, 1) * .ones(1, items)
      + .ones(users, 1) * random.normal(1, items) + 3
    let all = pairs(users, items)
    let values = scores.rowMajor().reshaped(users * items, 1)
    let order = random.permutation(users * items)
    let (known, hidden) = (Array(order.prefix(900)), Array(order.dropFirst(900)))
    let net = try network(
      lab("mf_layer", lab("input", 2, named: [("seed", 1)]), .number(Double(users)), 30, 2))
    let trained = try lab.train(
      net, all.selecting(rows: known), values.selecting(rows: known), ("epochs", 120),
      ("optimizer", lab("adam", 0.02)))
    let wrong =
      trained.outputs(for: all.selecting(rows: hidden)).converted(to: .double)
      - values.selecting(rows: hidden)
    #expect((wrong.dot(wrong) / Double(hidden.count)).squareRoot() < 0.1)
    #expect(trained.layers.map(\.title).last == "mf_layer 2")
  }

  @Test func pairsAreCheckedBeforeTheyAreLookedUp() throws {
    let net = try network(lab("mf_layer", lab("input", 2), 3, 4, 2))
    func problem(_ x: Matrix) -> Problem? {
      lab.problem { _ = try net.predict([.matrix(x)], lab.context) }
    }
    #expect(problem(Matrix([[1, 1], [4, 1]]))?.message.contains("from 1 to 3; row 2") == true)
    #expect(problem(Matrix([[1, 5]]))?.message.contains("from 1 to 4; row 1, column 2") == true)
    #expect(problem(Matrix([[0, 1]]))?.help == "numbers count from 1: add 1")
    #expect(problem(Matrix([[4, 1]]))?.help == "the table needs 4 rows")
    #expect(
      problem(Matrix([[0, 1], [3, 1]]))?.help
        == "numbers count from 1: add 1; the table needs 4 rows")
    let wide = lab.problem { _ = try lab("mf_layer", lab("input", 3), 3, 4, 2) }
    #expect(wide?.help == "write input(2) |> mf_layer(3, 4, 2)")
    let column = lab.problem {
      _ = try lab("embedding", lab("input", 2), 3, 4, named: [("column", 3)])
    }
    #expect(column?.help == "start the network with input(3)")
  }

  // MARK: Given and shared weights

  @Test func tiedWeightsAreThoseOfTheEncoder() throws {
    let (x, _) = planted(200, 3)
    let inner = try lab("dense", lab("input", 12, named: [("seed", 1)]), 3, "relu")
    let net = try network(lab("dense", inner, 12, named: [("tied", 1)]))
    #expect(net.parameterCount == 13 * 3 + 12)
    let trained = try lab.train(
      net, x, x, ("epochs", 60), ("optimizer", lab("adam", 0.02)), ("precision", "f64"))
    let w = trained.parameters[0]
    let codes = (x * w.rows(in: 0..<12) + .ones(200, 1) * w.rows(in: 12..<13)).mapped(.relu)
    let expected = codes * w.rows(in: 0..<12).transposed + .ones(200, 1) * trained.parameters[1]
    #expect(trained.outputs(for: x).isClose(to: expected, relative: 1e-9, absolute: 1e-9))
    let history = try #require(trained.trained).history.loss
    #expect(history[history.count - 1] < 0.3 * history[0])
  }

  @Test func tiesNameAnEarlierDenseLayerOfTheRightSize() throws {
    let net = try lab("dense", lab("dense", lab("input", 12), 5, "relu"), 4)
    func refusal(_ units: Value, _ tied: Value, _ more: (String, Value)...) -> Problem? {
      lab.problem { _ = try lab("dense", net, units, named: [("tied", tied)] + more) }
    }
    #expect(refusal(5, 3)?.message.contains("layer 3 is not there yet") == true)
    #expect(refusal(12, 1)?.message == "layer 1 gives 5 numbers: that many must come in, not 4")
    #expect(refusal(6, 2)?.help == "write dense(5, tied=2)")
    #expect(refusal(5, 2, ("l2", 1)) != nil)
    #expect(refusal(5, 2) == nil)
  }

  @Test func weightsStartWhereTheyAreSaidTo() throws {
    let start = Matrix([[1, 0], [0, 2], [3, 0]])
    let input = try lab("input", 3)
    let net = try network(
      lab("dense", input, 2, named: [("start", .matrix(start)), ("nonnegative", .boolean(true))]))
    #expect(net.parameters[0].rows(in: 0..<3).isClose(to: start))
    func refusal(_ start: Matrix) -> Problem? {
      lab.problem {
        _ = try lab(
          "dense", input, 2, named: [("start", .matrix(start)), ("nonnegative", .boolean(true))])
      }
    }
    #expect(refusal(start.transposed)?.help == "transpose it with '")
    #expect(refusal(start * -1)?.help == "write start=relu(…)")
  }
}

extension Random {
  /// Numbers ≥ 0 of low rank, with a little noise.
  fileprivate static func planted(_ rows: Int, _ columns: Int) -> Matrix {
    var random = Random(seed: 4)
    return random.uniform(rows, 3) * random.uniform(3, columns) + random.uniform(rows, columns)
      * 0.1
  }
}
