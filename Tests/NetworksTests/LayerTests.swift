import Autodiff
import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// All layers in one table: each is checked in the same ways.
enum LayerTable {
  struct Entry: CustomTestStringConvertible, Sendable {
    var name: String
    var input: Geometry
    /// Layers from the input on; the output is what it is.
    var layers: @Sendable (Geometry) -> [any Layer]
    /// Whether rows of a batch change each other.
    var looksAtBatch = false
    var testDescription: String { name }
  }

  static func conv(
    _ input: Geometry, _ filters: Int, _ rows: Int, _ columns: Int, stride: Int = 1,
    same: Bool = false, _ f: Activation = .linear
  ) -> any Layer {
    Conv2D(
      input: input, filters: filters, rows: rows, columns: columns, stride: stride,
      keepsSize: same, activation: f) ?? Flatten(input: input)
  }

  static func pool(_ kind: Pooling.Kind, _ input: Geometry, _ size: Int, _ stride: Int)
    -> any Layer
  {
    Pooling(kind, input: input, rows: size, columns: size, stride: stride)
      ?? Flatten(input: input)
  }

  static func recurrent(
    _ kind: Recurrence.Kind, _ input: Geometry, _ units: Int, sequence: Bool = false,
    both: Bool = false, _ f: Activation = .tanh
  ) -> any Layer {
    Recurrent(
      kind, input: input, units: units, isSequence: sequence, isBidirectional: both,
      activation: f) ?? Flatten(input: input)
  }

  /// A dictionary for numbers that softplus has made positive.
  static func nmf(
    _ name: String, _ input: Geometry, _ way: NMFLayer.Way, sweeps: Int, weight: Double = 0,
    back: Bool = false
  ) -> Entry {
    Entry(name: "nmf_layer \(name)", input: input) { input in
      [
        ActivationLayer(input: input, activation: .softplus),
        NMFLayer(
          input: input, components: 4, sweeps: sweeps, way: way, isReconstruction: back,
          weight: weight, l1: 0.05, l2: 0.01),
      ]
    }
  }

  /// Layers one after the other, each made for the output of the one before.
  static func chain(_ input: Geometry, _ makers: [(Geometry) -> any Layer]) -> [any Layer] {
    var geometry = input
    return makers.map { make in
      let layer = make(geometry)
      geometry = layer.output
      return layer
    }
  }

  static let entries: [Entry] =
    Activation.allCases.filter { !$0.needsInputs }.map { f in
      Entry(name: "dense \(f.rawValue)", input: Geometry(5)) {
        [Dense(inputs: $0.count, outputs: 7, activation: f)]
      }
    }
    + Activation.allCases.map { f in
      Entry(name: "activation \(f.rawValue)", input: Geometry(3, 6)) { input in
        [ActivationLayer(input: input, activation: f)]
      }
    }
    + [
      Entry(name: "dropout", input: Geometry(6)) { [DropoutLayer(input: $0, rate: 0.4)] },
      Entry(name: "dense with penalties", input: Geometry(6)) { input in
        [
          Dense(
            inputs: input.count, outputs: 3, activation: .tanh,
            rules: WeightRules(l1: 0.01, l2: 0.1))
        ]
      },
      Entry(name: "conv2d of one channel", input: Geometry(7, 6)) { [conv($0, 5, 3, 3)] },
      Entry(name: "conv2d relu of 17 filters", input: Geometry(6, 7)) {
        [conv($0, 17, 3, 2, .relu)]
      },
      Entry(name: "conv2d same stride 2", input: Geometry(7, 6, 2)) {
        [conv($0, 4, 3, 3, stride: 2, same: true, .tanh)]
      },
      Entry(name: "conv2d of five channels", input: Geometry(6, 5, 5)) {
        [conv($0, 4, 2, 3, .sigmoid)]
      },
      Entry(name: "conv2d of six channels same", input: Geometry(4, 4, 6)) {
        [conv($0, 3, 3, 3, same: true, .relu)]
      },
      Entry(name: "conv2d same between whole vectors of channels", input: Geometry(7, 7, 16)) {
        chain(
          $0,
          [{ conv($0, 32, 1, 3, same: true, .relu) }, { conv($0, 16, 3, 1, same: true, .tanh) }])
      },
      Entry(name: "maxpool2d", input: Geometry(6, 6, 3)) { [pool(.largest, $0, 2, 2)] },
      Entry(name: "maxpool2d with a rest", input: Geometry(7, 5, 17)) {
        [pool(.largest, $0, 2, 2)]
      },
      Entry(name: "maxpool2d overlapping", input: Geometry(7, 7, 2)) {
        [pool(.largest, $0, 3, 2)]
      },
      Entry(name: "avgpool2d", input: Geometry(6, 7, 3)) { [pool(.mean, $0, 3, 2)] },
      Entry(name: "rnn", input: Geometry(4, 3)) { [recurrent(.simple, $0, 5)] },
      Entry(name: "rnn relu sequence", input: Geometry(4, 3)) {
        [recurrent(.simple, $0, 5, sequence: true, .relu)]
      },
      Entry(name: "gru", input: Geometry(4, 3)) { [recurrent(.gru, $0, 5)] },
      Entry(name: "gru both ways", input: Geometry(4, 3)) {
        [recurrent(.gru, $0, 4, sequence: true, both: true)]
      },
      Entry(name: "lstm", input: Geometry(4, 3)) { [recurrent(.lstm, $0, 5)] },
      Entry(name: "lstm both ways, last", input: Geometry(3, 2, 2)) {
        [recurrent(.lstm, $0, 17, both: true)]
      },
      Entry(
        name: "batchnorm", input: Geometry(6), layers: { [BatchNorm(input: $0)] },
        looksAtBatch: true),
      Entry(
        name: "batchnorm between convolutions", input: Geometry(6, 6),
        layers: { input in
          chain(
            input,
            [
              { conv($0, 3, 3, 3) }, { BatchNorm(input: $0) },
              { ActivationLayer(input: $0, activation: .tanh) }, { BatchNorm(input: $0) },
              { conv($0, 2, 2, 2, .tanh) },
            ])
        }, looksAtBatch: true),
      Entry(
        name: "batchnorm first", input: Geometry(4, 3), layers: { [BatchNorm(input: $0)] },
        looksAtBatch: true),
      Entry(name: "layernorm", input: Geometry(6)) { [LayerNorm(input: $0)] },
      Entry(name: "layernorm of pixels", input: Geometry(3, 3, 4)) { [LayerNorm(input: $0)] },
      nmf("implicit", Geometry(6), .implicit, sweeps: 600),
      nmf("implicit reconstruction", Geometry(6), .implicit, sweeps: 600, back: true),
      nmf("implicit with weight", Geometry(6), .implicit, sweeps: 600, weight: 0.7),
      nmf("unroll", Geometry(6), .unroll, sweeps: 5),
      nmf("unroll with weight", Geometry(6), .unroll, sweeps: 4, weight: 0.7, back: true),
      nmf("one step", Geometry(6), .onestep, sweeps: 1),
      nmf("of pixels", Geometry(3, 3, 5), .implicit, sweeps: 600, weight: 0.3),
      nmf("of moments", Geometry(4, 6), .unroll, sweeps: 6),
      nmf("of the last sweep alone", Geometry(6), .onestep, sweeps: 1),
      Entry(name: "nmf_layer after gru, per moment", input: Geometry(4, 3)) { input in
        chain(
          input,
          [
            { recurrent(.gru, $0, 5, sequence: true) },
            { ActivationLayer(input: $0, activation: .softplus) },
            { NMFLayer(input: $0, components: 3, sweeps: 600, weight: 0.2) },
            { recurrent(.simple, $0, 4) },
          ])
      },
      Entry(name: "gru both ways with penalties", input: Geometry(3, 2)) { input in
        [
          Recurrent(
            .gru, input: input, units: 3, isSequence: false, isBidirectional: true,
            rules: WeightRules(l1: 0.01, l2: 0.1)) ?? Flatten(input: input)
        ]
      },
      Entry(name: "two recurrent layers", input: Geometry(4, 3)) { input in
        chain(
          input,
          [{ recurrent(.lstm, $0, 4, sequence: true) }, { recurrent(.gru, $0, 3) }])
      },
      Entry(name: "convolutions and pools", input: Geometry(10, 10)) { input in
        chain(
          input,
          [
            { conv($0, 6, 3, 3, .relu) }, { pool(.largest, $0, 2, 2) },
            { conv($0, 5, 2, 2, .tanh) }, { Flatten(input: $0) },
          ])
      },
    ]

  /// The layers of an entry between two dense ones where its input is plain, and before one: so
  /// that derivatives come in and go on.
  static func stack(_ entry: Entry) -> [any Layer] {
    let inner = entry.layers(entry.input)
    let outputs = inner.last?.output.count ?? entry.input.count
    let first: [any Layer] =
      entry.input.sizes.count == 3 && entry.input.features > 1
      ? [conv(Geometry(sizes: entry.input.sizes), entry.input.features, 1, 1)]
      : entry.input.isPlain
        ? [Dense(inputs: entry.input.count, outputs: entry.input.count, activation: .linear)] : []
    return first + inner + [
      Flatten(input: inner.last?.output ?? entry.input),
      Dense(inputs: outputs, outputs: 4, activation: .softmax),
    ]
  }
}

@Suite struct LayerTests {
  private func step(
    _ layers: [any Layer], _ values: [Matrix], _ data: TrainingData, rows: Int,
    optimizer: (any Optimizer)? = nil, _ precision: Precision = .double
  ) -> (loss: Double, gradients: [Matrix], values: [Matrix]) {
    let parameters = Parameters(values, precision)
    let machine = Machine(
      training: Graph(layers), parameters, rows: rows, targetColumns: 1,
      slots: optimizer?.slots ?? 0)
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

  private func data(_ inputs: Int, rows: Int, _ precision: Precision = .double) -> TrainingData {
    var random = Random(seed: 11)
    return TrainingData(
      random.normal(rows, inputs), targets: Matrix(column: (0..<rows).map { Double($0 % 4) }),
      precision)
  }

  /// 21 rows are two pieces, the last one short. The step is small enough that hardly any number
  /// crosses 0 on the way.
  @Test(arguments: LayerTable.entries)
  func gradientsEqualCentralDifferences(_ entry: LayerTable.Entry) {
    let layers = LayerTable.stack(entry)
    let data = data(entry.input.count, rows: 21)
    let initial = Network.initial(Graph(layers), seed: 3)
    let found = step(layers, initial, data, rows: 21)
    for (place, value) in initial.enumerated() where !value.isEmpty {
      let expected = CentralDifferences.gradient(at: value) { changed in
        var values = initial
        values[place] = changed
        return step(layers, values, data, rows: 21).loss
      }
      #expect(
        CentralDifferences.largestError(found.gradients[place], expected) < 2e-5,
        "\(layers[place].title)")
    }
  }

  /// The last sweep's gradient is that of all sweeps where there is only one; with more, it is the
  /// first term of it.
  @Test func oneStepIsTheEndOfUnrolling() {
    let data = data(6, rows: 21)
    func gradient(_ way: NMFLayer.Way, _ sweeps: Int) -> Matrix {
      let layers: [any Layer] = [
        NMFLayer(input: Geometry(6), components: 4, sweeps: sweeps, way: way, l2: 0.1),
        Dense(inputs: 4, outputs: 4, activation: .softmax),
      ]
      return step(layers, Network.initial(Graph(layers), seed: 3), data, rows: 21).gradients[0]
    }
    #expect(gradient(.onestep, 1) == gradient(.unroll, 1))
    let (whole, end) = (gradient(.unroll, 50), gradient(.onestep, 50))
    // Where the codes have settled, both are the derivative of the minimum.
    #expect(
      gradient(.unroll, 2000)
        .isClose(to: gradient(.implicit, 2000), relative: 1e-4, absolute: 1e-7))
    let cosine = whole.dot(end) / (whole.dot(whole) * end.dot(end)).squareRoot()
    #expect(cosine > 0.5 && cosine < 0.9999)
  }

  @Test func dictionariesStayNonNegativeWithUnitColumns() {
    let layers: [any Layer] = [
      Dense(inputs: 6, outputs: 12, activation: .relu),
      NMFLayer(input: Geometry(12), components: 5, sweeps: 10, weight: 0.1),
      Dense(inputs: 5, outputs: 4, activation: .softmax),
    ]
    let data = data(6, rows: 64, .single)
    let values = step(
      layers, Network.initial(Graph(layers), seed: 2), data, rows: 64, optimizer: Adam(rate: 0.5),
      .single
    ).values
    #expect(values[1].total(.minimum) >= 0)
    for column in 0..<5 {
      #expect(
        abs(values[1].selecting(columns: [column]).dot(values[1].selecting(columns: [column])) - 1)
          < 1e-5)
    }
  }

  @Test(arguments: [Constraint.nonnegative, .unit, .simplex, .box(-0.1, 0.2)])
  func everyStepLeadsWeightsBack(_ constraint: Constraint) {
    let layers: [any Layer] = [
      Dense(
        inputs: 6, outputs: 4, activation: .softmax,
        rules: WeightRules(constraint: constraint))
    ]
    let data = data(6, rows: 32)
    let w = step(
      layers, Network.initial(Graph(layers), seed: 2), data, rows: 32,
      optimizer: GradientDescent(rate: 0.5)
    ).values[0].rows(in: 0..<6)
    let sums = w.reduced(.sum, along: .rows)
    let squares = w.times(w).reduced(.sum, along: .rows)
    switch constraint {
    case .nonnegative, .parts: #expect(w.total(.minimum) >= 0)
    case .unit: #expect(squares.isClose(to: .ones(1, 4)))
    case .simplex: #expect(w.total(.minimum) >= 0 && sums.isClose(to: .ones(1, 4)))
    case .box: #expect(w.total(.minimum) >= -0.1 && w.total(.maximum) <= 0.2)
    }
  }

  /// A layer between the images and the dense one takes the derivative as a whole: the gradients are
  /// those of strips.
  @Test(arguments: [Activation.relu, .tanh, .linear], [(1, false), (2, true), (1, true)])
  func gradientsInStripsAreThoseOfTheWhole(
    _ f: Activation, _ form: (stride: Int, keepsSize: Bool)
  ) throws {
    let conv = try #require(
      Conv2D(
        input: Geometry(23, 21, 2), filters: 40, rows: 3, columns: 3, stride: form.stride,
        keepsSize: form.keepsSize, activation: f))
    let dense = Dense(inputs: conv.outputs, outputs: 4, activation: .softmax)
    let flatten = Flatten(input: conv.output)
    let data = data(conv.inputs, rows: 40)
    func gradients(_ layers: [any Layer]) -> [Matrix] {
      let initial = Network.initial(Graph([conv, flatten, dense]), seed: 3)
      let weights =
        layers.count == 3 ? initial : [initial[0], initial[1], .zeros(0, 0), initial[2]]
      return step(layers, weights, data, rows: 40).gradients.filter { !$0.isEmpty }
    }
    let strips = gradients([conv, flatten, dense])
    var alone: [[Matrix]] = []
    ThreadPool.shared.run(2) { piece in
      if piece == 0 { alone.append(gradients([conv, flatten, dense])) }
    }
    #expect(alone.count == 1)
    for (a, b) in zip(strips, alone[0]) { #expect(a.isIdentical(to: b)) }
    let whole = gradients([
      conv, flatten, DropoutLayer(inputs: conv.outputs, rate: 0), dense,
    ])
    #expect(strips.count == 2 && whole.count == 2)
    for (a, b) in zip(strips, whole) {
      #expect(a.total(.maximum) > 0)
      #expect(a.isClose(to: b))
    }
  }

  /// γ obeys, β and the running numbers are left alone.
  @Test func scalesOfNormalizationsObeyTheirRules() {
    let data = data(6, rows: 32)
    for rules in [WeightRules(constraint: .box(0.2, 0.9)), WeightRules(l1: 0.5, l2: 0.1)] {
      let kinds: [any Layer] = [
        BatchNorm(input: Geometry(6), rules: rules), LayerNorm(input: Geometry(6), rules: rules),
      ]
      for layer in kinds {
        let layers = [layer, Dense(inputs: 6, outputs: 4, activation: .softmax)]
        let initial = Network.initial(Graph(layers), seed: 2)
        let (found, free) = (
          step(layers, initial, data, rows: 32).gradients[0],
          step([free(layer), layers[1]], initial, data, rows: 32).gradients[0]
        )
        #expect(found.rows(in: 1..<2).isIdentical(to: free.rows(in: 1..<2)))
        let penalty = found.rows(in: 0..<1) - free.rows(in: 0..<1)
        #expect(penalty.isClose(to: .ones(1, 6) * (rules.l1 + rules.l2)))
        let gamma = step(
          layers, initial, data, rows: 32, optimizer: GradientDescent(rate: 9)
        ).values[0].rows(in: 0..<1)
        if rules.constraint != nil {
          #expect(initial[0].rows(in: 0..<1).total(.maximum) == 0.9)
          #expect(gamma.total(.minimum) >= 0.2 && gamma.total(.maximum) <= 0.9)
        } else {
          #expect(gamma.total(.minimum) < 0.2)
        }
      }
    }
  }

  private func free(_ layer: any Layer) -> any Layer {
    layer is BatchNorm ? BatchNorm(input: layer.input) : LayerNorm(input: layer.input)
  }

  @Test func clippingBoundsTheGradient() {
    let layers: [any Layer] = [Dense(inputs: 6, outputs: 4, activation: .softmax)]
    let data = data(6, rows: 32)
    let initial = Network.initial(Graph(layers), seed: 3)
    func gradient(_ clip: Clip) -> Matrix {
      let parameters = Parameters(initial, .double)
      let machine = Machine(
        training: Graph(layers), parameters, rows: 32, targetColumns: 1, slots: 0)
      _ = machine.step(
        on: Array(0..<32)[...], of: data, loss: CrossEntropy(), chance: RowChance(seed: 1),
        optimizer: GradientDescent(rate: 0.1), time: 1, clip: clip)
      return machine.gradients[0]
    }
    let free = gradient(Clip())
    let norm = free.dot(free).squareRoot()
    #expect(gradient(Clip(norm: norm / 2)).isClose(to: free / 2))
    #expect(gradient(Clip(norm: norm * 2)).isClose(to: free))
    #expect(gradient(Clip(value: 0.01)).total(.maximum) <= 0.01)
  }

  @Test func embeddingsTakeNumbersFromOne() {
    let layers: [any Layer] = [
      Embedding(tokens: 3, vocabulary: 9, size: 4), Flatten(input: Geometry(3, 4)),
      Dense(inputs: 12, outputs: 4, activation: .softmax),
    ]
    let x = Matrix(20, 3, (0..<60).map { Double($0 * 7 % 9 + 1) })
    let data = TrainingData(
      x, targets: Matrix(column: (0..<20).map { Double($0 % 4) }), .double)
    let initial = Network.initial(Graph(layers), seed: 3)
    let found = step(layers, initial, data, rows: 20).gradients[0]
    let expected = CentralDifferences.gradient(at: initial[0]) {
      step(layers, [$0, initial[1], initial[2]], data, rows: 20).loss
    }
    #expect(CentralDifferences.largestError(found, expected) < 1e-6)
  }

  @Test(arguments: LayerTable.entries)
  func oneThreadAndManyGiveTheSameBits(_ entry: LayerTable.Entry) {
    let layers = LayerTable.stack(entry)
    let data = data(entry.input.count, rows: 300, .single)
    let initial = Network.initial(Graph(layers), seed: 3)
    let shared = step(layers, initial, data, rows: 300, optimizer: Adam(), .single)
    var alone: [[Matrix]] = []
    ThreadPool.shared.run(2) { piece in
      if piece == 0 {
        alone.append(step(layers, initial, data, rows: 300, optimizer: Adam(), .single).values)
      }
    }
    #expect(alone.count == 1)
    for (a, b) in zip(shared.values, alone[0]) { #expect(a.isIdentical(to: b)) }
  }

  @Test(arguments: LayerTable.entries)
  func goingForwardAloneGivesTheLossOfAStep(_ entry: LayerTable.Entry) {
    if entry.looksAtBatch || entry.name.contains("dropout") || entry.name.contains("penalties")
      || entry.name.contains("weight") || entry.name.contains("nmf_layer of pixels")
      || entry.name.contains("after gru")
    {
      return
    }
    let layers = LayerTable.stack(entry)
    let data = data(entry.input.count, rows: 40)
    let initial = Network.initial(Graph(layers), seed: 3)
    let trained = step(layers, initial, data, rows: 40).loss
    let forward =
      Machine(Graph(layers), Parameters(initial, .double), rows: 9)
      .evaluate(data, loss: CrossEntropy()).loss / 40
    #expect(abs(trained - forward) < 1e-10)
  }

  @Test(arguments: LayerTable.entries)
  func stepsAskForNoMemory(_ entry: LayerTable.Entry) {
    let layers = LayerTable.stack(entry)
    let data = data(entry.input.count, rows: 64, .single)
    let parameters = Parameters(Network.initial(Graph(layers), seed: 1), .single)
    let machine = Machine(training: Graph(layers), parameters, rows: 64, targetColumns: 1, slots: 2)
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

  @Test(arguments: LayerTable.entries)
  func titlesGeometriesAndNamesFit(_ entry: LayerTable.Entry) {
    var random = Random(seed: 1)
    for layer in entry.layers(entry.input) {
      let initial = layer.initialParameters(&random)
      #expect(initial.shape == layer.parameterShape)
      #expect(layer.named(initial).reduce(0) { $0 + $1.value.count } == initial.count)
      #expect(!layer.title.isEmpty && layer.inputs > 0 && layer.outputs > 0)
    }
  }
}
