import Matrices
import Vocabulary

let embeddingBuiltin = Builtin(
  "embedding", in: .layers, "Adds a layer that replaces numbers 1 … n by vectors.",
  Parameter<Network>("net", "an input alone: rows of whole numbers, counted from 1"),
  Parameter<Int>("n", "how many different ones there are", in: .between(1, 1e7)),
  Parameter<Int>("size", "the length of a vector", in: .between(1, 1e5)),
  Parameter<Int?>(
    "column", "the only column of the input that it reads; all when left out", in: .between(1, 1e7)),
  Parameter<Double>("l2", "the weight of ½ ΣE² in the loss", default: 0, in: .atLeast(0)),
  shapes: "network, n, k → network",
  math: "The output is a sequence of t moments with size features. Vectors start normal.",
  seeAlso: ["concat", "mf_layer", "gru", "lstm"],
  examples: [
    Example("(input(5) |> embedding(100, 8) |> gru(4) |> dense(2, softmax)).inputs", prints: "5"),
    Example(
      """
      x = input(2)
      both = concat(x |> embedding(943, 8, column=1), x |> embedding(1682, 8, column=2))
      (both |> flatten() |> dense(16, relu) |> dense(1)).parameters
      """, prints: "21289"),
  ]
) { (net: Network, n: Int, size: Int, column: Int?, l2: Double) -> Network in
  guard net.layers.isEmpty, net.input.isPlain else {
    throw net.misfit(
      "embedding", "the numbers of an input", help: "write input(5) |> embedding(1000, 16)")
  }
  if let column, column > net.inputs {
    throw Problem(
      .value, "layer 'embedding' reads column \(column) of rows of \(net.inputs)", at: "column",
      label: "the number \(column)", help: "start the network with input(\(column))")
  }
  try checkTable(n, size, at: "n")
  let layer = Embedding(
    tokens: net.inputs, vocabulary: n, size: size, column: column.map { $0 - 1 },
    rules: try WeightRules(l1: 0, l2: l2, nil, isNonnegative: false))
  guard layer.outputs <= 10_000_000 else {
    throw Problem(
      .value, "outputs of \(layer.output) are more than 10,000,000 numbers a row", at: "size",
      label: net.shapeFlow)
  }
  return net.adding(layer)
}

let mfLayerBuiltin = Builtin(
  "mf_layer", in: .layers, "Adds a factor model of pairs: y = p·q + b + c + μ.",
  Parameter<Network>("net", "an input of two numbers alone: user and item, counted from 1"),
  Parameter<Int>("users", "how many there are", in: .between(1, 1e7)),
  Parameter<Int>("items", "how many there are", in: .between(1, 1e7)),
  Parameter<Int>("rank", "numbers of the vectors p and q", in: .between(1, 1e4)),
  Parameter<Double>(
    "l2", "the weight of ½ Σ(p² + b² + q² + c²) in the loss", default: 0, in: .atLeast(0)),
  shapes: "network, n, m, k → network",
  math: """
    Vectors p of users and q of items with their biases b and c (Koren, Bell & Volinsky 2009), as \
    layers: two embeddings of rank + 1 numbers, concat, and the score. p and q start normal with \
    deviation 0.1, b, c and μ with 0. E1 of the network is (P, b), E2 is (Q, c), mu3 is μ.
    """,
  seeAlso: ["mf", "embedding", "concat"],
  examples: [
    Example("(input(2) |> mf_layer(943, 1682, 16)).parameters", prints: "44626"),
    Example(
      """
      pairs = [1, 1; 1, 2; 2, 1; 2, 2]
      net = train(input(2) |> mf_layer(2, 2, 1), pairs, [5; 1; 1; 5], epochs=300, optimizer=adam(0.05), seed=1)
      round(predict(net, pairs)')
      """, prints: "5  1  1  5"),
  ]
) { (net: Network, users: Int, items: Int, rank: Int, l2: Double) -> Network in
  guard net.layers.isEmpty, net.input == Geometry(2) else {
    throw net.misfit(
      "mf_layer", "an input of pairs",
      help: "write input(2) |> mf_layer(\(users), \(items), \(rank))"
    )
  }
  try checkTable(users, rank + 1, at: "users")
  try checkTable(items, rank + 1, at: "items")
  let rules = try WeightRules(l1: 0, l2: l2, nil, isNonnegative: false)
  let tables = [users, items].enumerated().map { column, count in
    net.adding(
      Embedding(
        tokens: 2, vocabulary: count, size: rank + 1, column: column, rules: rules,
        start: Embedding.Start(deviation: 0.1, endsInBias: true)))
  }
  guard let pairs = Concatenation(of: tables.map(\.output)),
    let graph = Graph.joining(tables.map(\.graph), by: pairs)
  else { return net }
  return Network(input: net.input, graph: graph, seed: net.seed).adding(
    PairScore(input: pairs.output))
}

/// A table, its gradient and the optimizer's state must fit into memory.
private func checkTable(_ rows: Int, _ columns: Int, at parameter: String) throws {
  guard Matrix.canAllocate(Shape(4 * rows, columns), .single) else {
    throw Problem(
      .value, "a table of \(rows)×\(columns) numbers does not fit into memory", at: parameter,
      label: "the number \(rows)")
  }
}
