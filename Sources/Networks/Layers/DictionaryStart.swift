import Matrices

/// What a dictionary starts with where it starts from data: that of a non-negative factorization
/// of the first activations, by coordinate descent on codes and dictionary in turn (HALS, Cichocki
/// & Phan 2009).
enum DictionaryStart {
  /// Rows that are looked at: enough for a dictionary, few enough for a fraction of a second.
  static let samples = 1024
  private static let numbers = 1 << 22
  private static let rounds = 30

  /// A d×k dictionary for rows of d numbers, of which what is below 0 counts as 0. It begins with
  /// rows drawn at random; components that nothing uses get another one.
  static func dictionary(of activations: Matrix, components: Int, _ random: inout Random) -> Matrix
  {
    let all = activations.converted(to: .single).mapped(.relu).rowMajor()
    let lengths = all.times(all).reduced(.sum, along: .columns)
    var filled = (0..<all.rows).filter { lengths[$0, 0] > 0 }
    let most = max(numbers / max(all.columns, 1), 2 * components)
    let order = random.permutation(filled.count).prefix(min(most, 8192))
    filled = order.map { filled[$0] }
    guard !filled.isEmpty else { return random.uniform(activations.columns, components) }
    let a = all.selecting(rows: filled)
    var next = components
    var dictionary = a.selecting(rows: (0..<components).map { $0 % a.rows }).transposed.rowMajor()
    // Rows that come twice would stay the same for ever.
    let noise = random.uniform(dictionary.rows, components) * (0.01 * a.total(.maximum))
    dictionary = dictionary + noise.converted(to: .single)
    var codes = Matrix.zeros(a.rows, components, .single)
    for round in 0..<rounds {
      // The training that follows finds the request and ends.
      if Interrupt.isRequested { break }
      _ = codes.descend(
        gram: dictionary.transposed * dictionary, target: a * dictionary, sweeps: 3, decay: 0.1)
      let used = codes.reduced(.sum, along: .rows)
      _ = dictionary.descend(
        gram: codes.transposed * codes, target: a.transposed * codes, sweeps: 3, decay: 0.1)
      for component in 0..<components where used[0, component] == 0 && round < rounds - 10 {
        dictionary.replace(
          rows: Array(0..<a.columns), columns: [component],
          with: a.selecting(rows: [next % a.rows]).transposed.rowMajor())
        next += 1
      }
    }
    return dictionary.converted(to: .double)
  }
}

extension Network {
  /// The parameters that training on these rows starts with: drawn, and where a dictionary starts
  /// from data, the one that suits what the layers before it give for the first rows.
  func initialParameters(for data: TrainingData, order: [Int], seed: Int) -> [Matrix] {
    var values = Self.initial(graph, seed: seed)
    for (place, layer) in layers.enumerated() {
      guard let layer = layer as? NMFLayer, layer.startsFromData, graph.values[place] == nil else {
        continue
      }
      let rows = data.inputs(of: Array(order.prefix(DictionaryStart.samples)))
      let before = Network(
        input: input, graph: graph.prefix(through: graph.sources[place][0]), seed: seed)
      let activations = before.computes ? before.outputs(for: rows, with: values, .single) : rows
      var random = Chance.dictionary(seed, layer: place)
      values[place] = layer.rules.allowed(
        DictionaryStart.dictionary(
          of: activations.reshaped(rows.rows * layer.input.positions, layer.input.features),
          components: layer.components, &random))
    }
    return values
  }
}
