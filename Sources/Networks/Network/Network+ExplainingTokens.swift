import Matrices

/// Explanations of networks that read names: what the vector of each has to do with a score.
extension Network {
  /// The embedding that all other layers read, one after the other.
  var vectorsFirst: Embedding? {
    let isChain =
      graph.sources == layers.indices.map { [$0 - 1] } && graph.ties.allSatisfy { $0 == nil }
    return isChain ? layers.first as? Embedding : nil
  }

  /// Why an output has its score for one row of names: to each belongs the sum over the numbers of
  /// its vector, of the parts that the integral gives them (Sundararajan et al., ICML 2017), or of
  /// slope times number. Without a baseline, vectors are compared with 0.
  func tokenAttribution(
    of x: Matrix, _ embedding: Embedding, output: Int?, _ method: Attribution.Method, steps: Int,
    baseline: Matrix?
  ) throws -> Attribution {
    let parameters = parameters
    let (names, size) = (embedding.columns, embedding.output.features)
    func vectors(_ x: Matrix) -> Matrix {
      parameters[0].converted(to: .double).selecting(rows: names.map { Int(x[0, $0]) - 1 })
        .rowMajor().reshaped(1, embedding.outputs)
    }
    let rest = Network(
      input: embedding.output,
      graph: Graph(Array(layers.dropFirst())).starting(from: Array(parameters.dropFirst())),
      seed: seed)
    let own = vectors(x)
    let found = try rest.attribution(
      of: own, output: output, method, steps: steps,
      baseline: baseline.map(vectors) ?? .zeros(1, embedding.outputs))
    let parts = method == .gradient ? found.values.times(own) : found.values
    let sums = parts.reshaped(names.count, size).reduced(.sum, along: .columns)
    var values = Matrix.zeros(1, x.columns)
    for (place, name) in names.enumerated() { values[0, name] = sums[place, 0] }
    return Attribution(
      method: method, label: trained?.classes?[Int(found.label) - 1] ?? found.label,
      isClass: namesClasses, score: found.score, baseline: found.baseline, values: values,
      geometry: input)
  }
}
