import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// What users get wrong, and what they are told: which argument, what is needed, a way out.
@Suite struct RefusalTests {
  let lab = Lab()

  private func refusal(
    _ net: Network? = nil, x: Matrix = FourPoints.x, y: Matrix = FourPoints.y,
    with named: (String, Value)...
  ) throws -> Problem {
    let net = try net ?? lab.net(2, (10, "relu"), (2, "softmax"))
    let problem = lab.problem {
      _ = try lab(
        "train", net.value, .matrix(x), .matrix(y), named: [("batch", .number(4))] + named)
    }
    return try #require(problem)
  }

  private func change(_ x: Matrix, _ row: Int, _ column: Int, _ value: Double) -> Matrix {
    var x = x
    x[row, column] = value
    return x
  }

  @Test func wrongInputsNameLayerAndFlow() throws {
    let problem = try refusal(x: .ones(4, 3))
    #expect(problem.kind == .shape)
    #expect(problem.message.contains("'input' takes rows of 2 numbers"))
    #expect(problem.message.contains("2 → dense 10 relu → dense 2 softmax"))
    #expect(problem.help == "start the network with input(3)")
    #expect(try refusal(x: .ones(2, 4)).help == "samples are rows: transpose with '")
  }

  @Test(arguments: [Double.nan, .infinity])
  func theFirstCellThatIsNoNumberIsNamed(_ value: Double) throws {
    #expect(try refusal(x: change(FourPoints.x, 2, 1, value)).message.contains("row 3, column 2"))
    #expect(try refusal(y: change(FourPoints.y, 1, 0, value)).message.contains("row 2, column 1"))
  }

  @Test func labelsMustFitTheOutputs() throws {
    let many = try refusal(y: Matrix(column: [0, 1, 2, 3]))
    #expect(many.message == "2 outputs can't tell 4 classes apart")
    #expect(many.help == "end the network with dense(4, softmax)")
    #expect(try refusal(y: Matrix(column: [0, 0.5, 1, 1])).message.contains("row 2 is 0.5"))
    #expect(try refusal(y: .ones(4, 1)).message.contains("every label is 1"))
    #expect(try refusal(y: .ones(1, 4)).help == "samples are rows: transpose with '")
    #expect(try refusal(y: .ones(4, 3)).help == "end the network with dense(3, softmax)")
    let three = try lab.net(2, (3, "softmax"))
    #expect(try refusal(three, y: Matrix(column: [5, 9, 5, 9])).message.contains("from 1 to 3"))
  }

  @Test func probabilitiesMustBeSome() throws {
    let rows = try refusal(y: Matrix([[1, 0], [0, 1], [0.5, 0.6], [0, 1]]))
    #expect(rows.message.contains("row 3 sum to 1.1"))
    let negative = try refusal(y: Matrix([[1, 0], [-1, 2], [0, 1], [0, 1]]))
    #expect(negative.message.contains("row 2, column 1 is -1"))
  }

  @Test func lossAndLastLayerMustAgree() throws {
    let linear = try lab.net(2, (10, "relu"), (2, "linear"))
    let problem = try refusal(linear, with: ("loss", .text("crossentropy")))
    #expect(problem.help == "end the network with dense(2, softmax)")
    #expect(
      try refusal(linear).help
        == "for classes end the network with dense(2, softmax), or turn them into columns with "
        + "one_hot(y)")
    let single = try lab.net(2, (1, "sigmoid"))
    #expect(
      try refusal(single, with: ("loss", .text("crossentropy"))).help?.contains("mse") == true)
    #expect(
      try refusal(with: ("loss", .text("crossentropi"))).help == "did you mean \"crossentropy\"?")
  }

  @Test func softmaxIsTakenOnceOfSeveralUnits() throws {
    let net = try lab.net(2, (3, "softmax"))
    let twice = lab.problem { _ = try lab("activation", net.value, .text("softmax")) }
    #expect(twice?.help == "leave this softmax out")
    #expect(
      lab.problem { _ = try lab.net(2, (1, "softmax")) }?.message.contains("always 1") == true)
  }

  @Test func sizesStandInAVectorToo() throws {
    for sizes: Value in [
      .matrix(Matrix(row: [8, 6, 2])), .list([.number(8), .number(6), .number(2)]),
    ] {
      let net = try #require(Network.from(lab("input", sizes)))
      #expect(net.output.sizes == [8, 6, 2])
    }
    for wrong: [Double] in [[8, 0], [8, 2.5], [8, 6, 2, 1], []] {
      let problem = lab.problem { _ = try lab("input", .matrix(Matrix(row: wrong))) }
      #expect(problem?.message.contains("up to three sizes") == true, "\(wrong)")
    }
    #expect(
      lab.problem { _ = try lab("input", .matrix(Matrix(row: [8, 6, 2])), .number(3)) }?.kind
        == .value)
    #expect(lab.problem { _ = try lab("input", .number(0)) }?.message.contains("1 …") == true)
  }

  @Test func optimizersAreNamedOrCalled() throws {
    for (name, title) in [("adam", "adam(0.001)"), ("sgd", "sgd(0.01)"), ("lbfgs", "lbfgs")] {
      let optimizer = try #require(OptimizerValue.from(.text(name)))
      #expect(optimizer.summary(width: 80).hasPrefix(title))
    }
    #expect(OptimizerValue.from(.text("step")) == nil)
    #expect(OptimizerValue.from(.text("adm")) == nil)
  }

  @Test func activationsAreNamed() throws {
    let net = try lab.net(2)
    let problem = lab.problem { _ = try lab("dense", net.value, .number(3), .text("rellu")) }
    #expect(problem?.help == "did you mean \"relu\"?")
    #expect(lab.problem { _ = try lab("dense", net.value, .number(3), .number(1)) }?.kind == .type)
    for units in [0, -1, 2.5, 1e12, .nan, .infinity] {
      #expect(lab.problem { _ = try lab("dense", net.value, .number(units)) } != nil)
    }
  }

  @Test func aLayerNeedsANetwork() {
    let problem = lab.problem { _ = try lab("dense", .number(128), .number(10)) }
    #expect(problem?.help?.contains("input(784)") == true)
  }

  @Test func theOptimizerIsACallOrAName() throws {
    #expect(try refusal(with: ("optimizer", .text("adm"))).help?.contains("adam(0.001)") == true)
  }

  @Test(arguments: [0, -0.1, .infinity, .nan])
  func ratesArePositive(_ rate: Double) {
    #expect(lab.problem { _ = try lab("sgd", .number(rate)) } != nil)
    #expect(lab.problem { _ = try lab("adam", .number(rate)) } != nil)
  }

  @Test func momentumAndDropoutAreParts() throws {
    let net = try lab.net(2)
    #expect(
      lab.problem { _ = try lab("sgd", .number(1), named: [("momentum", .number(1))]) } != nil)
    #expect(
      lab.problem { _ = try lab("sgd", .number(1), named: [("nesterov", .boolean(true))]) }?.help
        == "add momentum=0.9")
    #expect(lab.problem { _ = try lab("dropout", net.value, .number(1)) } != nil)
    #expect(
      lab.problem { _ = try lab("dropout", net.value, .number(20)) }?.help?.contains("0.2") == true)
  }

  @Test func batchesHaveRows() throws {
    let net = try lab.net(2, (2, "softmax"))
    for batch in [5.0, 0, -1, 1.5] {
      let problem = lab.problem {
        _ = try lab(
          "train", net.value, .matrix(FourPoints.x), .matrix(FourPoints.y),
          named: [("batch", .number(batch))])
      }
      #expect(problem != nil)
      if batch == 5 { #expect(problem?.help == "use batch=4 for all rows at once") }
    }
    #expect(try refusal(x: .zeros(0, 2), y: .zeros(0, 1)).kind == .shape)
    #expect(try refusal(with: ("epochs", .number(-1))).kind == .value)
  }

  @Test func validationIsAPairOrAPart() throws {
    for value: Value in [.number(0), .number(1), .number(-0.5), .text("0.1"), .list([])] {
      #expect(try refusal(with: ("validation", value)).arguments.first?.parameter == "validation")
    }
    #expect(try refusal(with: ("validation", .number(0.5))).help == "use batch=2")
    #expect(try refusal(with: ("patience", .number(3))).help == "add validation=0.1")
    let pair = Value.list([.matrix(.ones(3, 5)), .matrix(.ones(3, 1))])
    #expect(try refusal(with: ("validation", pair)).kind == .shape)
  }

  @Test func aDivergingRunSaysWhenAndWhatToTry() throws {
    let net = try lab.net(2, (10, "linear"), (1, "linear"))
    // With one row a step the first epoch has nothing to keep.
    let problem = lab.problem {
      _ = try lab(
        "train", net.value, .matrix(FourPoints.x), .matrix(FourPoints.y),
        named: [("optimizer", try lab("sgd", .number(1e15))), ("batch", .number(1))])
    }
    #expect(problem?.kind == .computation)
    #expect(problem?.message.contains("in epoch 1, step ") == true)
    #expect(problem?.help == "try a rate ten times smaller, or clip=1")
  }

  /// No rate helps with rows whose squares are hardly numbers.
  @Test(arguments: [1e30, 1e300])
  func rowsThatAreTooLargeAreNamedAsTheReason(_ scale: Double) throws {
    let (x, y) = lab.points(16)
    let net = try lab.net(2, (3, "relu"), (1, "linear"))
    let problem = lab.problem { _ = try lab.train(net, x * scale, y) }
    #expect(problem?.kind == .computation)
    #expect(problem?.help?.contains("standardize(X)") == true)
  }

  @Test func aNetworkWithoutLayersIsRefused() throws {
    #expect(try refusal(lab.net(2)).help?.contains("dense") == true)
  }

  @Test func accuracyNeedsClasses() throws {
    let line = try lab.net(2, (1, "linear"))
    let problem = lab.problem {
      _ = try lab("accuracy", line.value, .matrix(FourPoints.x), .matrix(FourPoints.y))
    }
    #expect(problem?.message.contains("must end in softmax") == true)
    #expect(lab.problem { _ = try lab("accuracy", line.value, .matrix(FourPoints.x)) } != nil)
    #expect(
      lab.problem { _ = try lab("accuracy", .matrix(.ones(3, 2)), .matrix(.ones(4, 1))) }?.kind
        == .shape)
  }

  // MARK: Layers of other shapes

  private func start(_ sizes: Double...) throws -> Value {
    let builtin = try #require(Library(NetworksLibrary.builtins)["input"])
    return try builtin.call(
      Arguments(sizes.map { .number($0) }, named: [(name: "seed", value: .number(1))]), lab.context)
  }

  @Test func layersSayWhatTheyNeedAndShowTheFlow() throws {
    let plain = try start(784)
    let conv = lab.problem { _ = try lab("conv2d", plain, .number(8), .number(3)) }
    #expect(conv?.message.contains("layer 'conv2d' needs images") == true)
    #expect(conv?.help == "start the network with input(28, 28)")
    for name in ["maxpool2d", "gru", "lstm", "rnn"] {
      #expect(lab.problem { _ = try lab(name, plain, .number(3)) }?.kind == .shape)
    }
    let images = try lab("conv2d", try start(28, 28), .number(8), .number(3))
    let dense = lab.problem { _ = try lab("dense", images, .number(10)) }
    #expect(dense?.help == "add flatten() before it")
    #expect(dense?.arguments.first?.label == "28×28 → 26×26×8")
    let large = lab.problem { _ = try lab("maxpool2d", images, .number(27)) }
    #expect(large?.message.contains("26×26×8") == true)
  }

  @Test(arguments: [0, -1, 2.5, 1e9, Double.nan, .infinity])
  func numbersOfLayersAreChecked(_ number: Double) throws {
    let images = try start(8, 8)
    for (name, values) in [
      ("conv2d", [number, 3]), ("conv2d", [3, number]), ("maxpool2d", [number]), ("gru", [number]),
      ("nmf_layer", [number]),
    ] {
      #expect(
        lab.problem { _ = try lab.call(name, [images] + values.map { .number($0) }) } != nil,
        "\(name)")
    }
    #expect(
      lab.problem {
        _ = try lab("conv2d", images, .number(3), .number(3), named: [("stride", .number(number))])
      } != nil)
    #expect(
      lab.problem { _ = try lab("embedding", try start(4), .number(number), .number(2)) } != nil)
  }

  @Test func constraintsAreNamed() throws {
    let net = try start(4)
    let problem = lab.problem {
      _ = try lab("dense", net, .number(3), named: [("constraint", .text("positive"))])
    }
    #expect(problem?.message.contains("\"simplex\"") == true)
    let both = lab.problem {
      _ = try lab(
        "dense", net, .number(3),
        named: [("constraint", .text("unit")), ("nonnegative", .boolean(true))])
    }
    #expect(both?.help == "give one of them")
  }

  @Test(arguments: ["batchnorm", "layernorm"])
  func scalesHaveNoLength(_ name: String) throws {
    let net = try start(4)
    let problem = lab.problem {
      _ = try lab(name, net, named: [("constraint", .text("unit"))])
    }
    #expect(problem?.message.contains("one number a feature") == true)
    #expect(problem?.help == "γ may be \"nonnegative\" or {low, high}")
    let box = Value.list([.number(0.1), .number(2)])
    let kept = try #require(
      Network.from(try lab(name, net, named: [("constraint", box), ("l1", .number(0.01))])))
    #expect(kept.layers[0].rules == WeightRules(l1: 0.01, constraint: .box(0.1, 2)))
  }

  @Test func lossesCheckTheirTargets() throws {
    let one = try lab.net(2, (1, "sigmoid"))
    let shares = try refusal(
      one, y: Matrix(column: [0, 1, 2, 0]), with: ("loss", .text("binary_crossentropy")))
    #expect(shares.message.contains("row 3, column 1 is 2"))
    let line = try lab.net(2, (1, "linear"))
    let sides = try refusal(line, with: ("loss", .text("hinge")))
    #expect(sides.message.contains("-1 or 1"))
    #expect(
      try refusal(with: ("loss", .text("hinge"))).message
        == "hinge compares scores, not probabilities")
    let sigmoid = try refusal(line, with: ("loss", .text("binary_crossentropy")))
    #expect(sigmoid.help == "end the network with dense(1, sigmoid)")
    let clip = try refusal(with: ("clip", .number(0)))
    #expect(clip.arguments.first?.parameter == "clip")
  }

  @Test func tokensAreInTheTable() throws {
    var value = try start(2)
    value = try lab("embedding", value, .number(5), .number(3))
    value = try lab("dense", try lab("flatten", value), .number(2), .text("softmax"))
    let net = try #require(Network.from(value))
    let x = Matrix([[1, 2], [5, 6], [1, 1], [2, 2]])
    #expect(try refusal(net, x: x).message.contains("row 2, column 2 is 6"))
  }
}
