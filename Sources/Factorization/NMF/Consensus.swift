import Matrices
import Training
import Vocabulary

/// How often runs from different starts put two rows of X into one cluster, where the cluster of a
/// row is the part that weighs most in it (Brunet, Tamayo, Golub & Mesirov, PNAS 101, 2004).
package final class Consensus: Object {
  package let rank: Int
  package let runs: Int
  /// m×m: the share of runs that put both rows together.
  package let matrix: Matrix
  /// How well the tree of average linkage keeps these shares: 1 when every run says the same.
  package let cophenetic: Double
  /// `Σ 4 (c − ½)² / m²`: 1 when every share is 0 or 1 (Kim & Park 2007).
  package let dispersion: Double
  /// The rows in the order of the tree, so that clusters stand together.
  package let order: [Int]
  /// The cluster of every row when the tree is cut into `rank`, counted from 0.
  package let clusters: [Int]

  package init(_ assignments: [[Int]], rank: Int) {
    self.rank = rank
    runs = assignments.count
    let count = assignments.first?.count ?? 0
    var shares = Matrix.zeros(count, count)
    for clusters in assignments {
      // One column a cluster: its product with itself marks the pairs that are together.
      var marks = Matrix.zeros(count, max(rank, 1))
      marks.replace(
        positions: clusters.enumerated().map { $0.offset * max(rank, 1) + $0.element },
        with: Matrix(1))
      shares.add(marks * marks.transposed)
    }
    matrix = shares / Double(max(runs, 1))
    dispersion = 4 * (matrix - 0.5).sumOfSquares / Double(max(count * count, 1))
    let distances = Matrix.combine(.subtract, 1, matrix)
    let tree = AverageLinkage(distances)
    cophenetic = Self.correlation(distances, tree.cophenetic)
    order = tree.order
    clusters = tree.clusters(rank)
  }

  /// Of the entries above the diagonal; 1 where nothing varies.
  private static func correlation(_ a: Matrix, _ b: Matrix) -> Double {
    let count = Double(a.rows * (a.rows - 1))
    guard count > 0 else { return 1 }
    // Both have zeros on the diagonal, so sums over everything are twice those above it.
    let (meanA, meanB) = (a.total(.sum) / count, b.total(.sum) / count)
    let both = a.dot(b) - count * meanA * meanB
    let (spreadA, spreadB) = (
      a.sumOfSquares - count * meanA * meanA, b.sumOfSquares - count * meanB * meanB
    )
    guard spreadA > 1e-12 * count, spreadB > 1e-12 * count else { return 1 }
    return both / (spreadA * spreadB).squareRoot()
  }

  package var kind: String { "consensus" }
  package var fieldNames: [String] {
    ["matrix", "cophenetic", "dispersion", "clusters", "order", "rank", "runs"]
  }

  package func field(_ name: String) -> Value? {
    switch name {
    case "matrix": .matrix(matrix)
    case "cophenetic": .number(cophenetic)
    case "dispersion": .number(dispersion)
    case "clusters": .matrix(Matrix(column: clusters.map { Double($0 + 1) }))
    case "order": .matrix(Matrix(column: order.map { Double($0 + 1) }))
    case "rank": .number(Double(rank))
    case "runs": .number(Double(runs))
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let sorted = matrix.selecting(rows: order).selecting(columns: order)
    let size = max(4, min(24, (width - 6) / 2))
    let shades = Shading.text(
      of: sorted, width: min(2 * size, width - 6), height: min(size, max(sorted.rows, 1)))
    var lines = [
      "consensus of \(runs) runs: \(matrix.rows) rows, rank \(rank)",
      "  cophenetic \(NumberFormat.short(cophenetic, digits: 4)), dispersion "
        + NumberFormat.short(dispersion, digits: 4),
    ]
    lines += shades.map { "  │\($0)│" }
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }
}

extension Consensus: Returnable {
  package var value: Value { .object(self) }
}

extension FactorizationLibrary {
  static let consensus = Builtin(
    "consensus", in: .factorize,
    "How stable the clusters of rows are that nmf finds from different starts.",
    Parameter<AnyMatrix>("x", "m×n, every element at least 0; a sample a row"),
    Parameter<Int>("rank", "how many parts, and clusters", in: .atLeast(2)),
    Parameter<Int>("restarts", "runs from random starts", default: 30, in: .between(10, 10_000)),
    Parameter<LossName>(
      "loss", "the distance that is made small", default: LossName(text: "frobenius"),
      choices: NMFLoss.names),
    Parameter<Int>("iterations", "of every run, at most", default: 200, in: .atLeast(1)),
    Parameter<Int?>("seed", "the chance behind the starts"),
    Parameter<Bool?>("view", "whether to show the live view"),
    shapes: "m×n → consensus with matrix m×m, clusters m×1",
    math: """
      a row belongs to the part with the largest weight; matrix: the share of runs in which two \
      rows belong together (Brunet et al. 2004); cophenetic: its correlation with the distances in \
      the tree of average linkage; dispersion: Σ 4 (c − ½)² / m² (Kim & Park 2007). One run would \
      always give 1 and say nothing
      """,
    seeAlso: ["nmf", "rank_scan"],
    examples: [
      Example(
        "c = consensus([5, 5, 0, 0; 4, 4, 0, 0; 0, 0, 3, 3; 0, 0, 5, 5], 2, seed=1); c.cophenetic",
        prints: "1"),
      Example(
        "c = consensus([5, 5, 0, 0; 0, 0, 3, 3; 4, 4, 0, 0], 2, seed=1); "
          + "c.clusters[1] == c.clusters[3]",
        prints: "true"),
    ],
    using: {
      (
        context: Context, x: AnyMatrix, rank: Int, restarts: Int, loss: LossName, iterations: Int,
        seed: Int?, view: Bool?
      ) in
      try NMFInput.check(x, at: "x", weights: nil)
      guard rank <= x.rows, x.rows > 1 else {
        throw Problem(
          .value, "there cannot be more clusters than rows",
          mentioning: [
            Problem.Mention(parameter: "x", label: x.label),
            Problem.Mention(parameter: "rank", label: "rank \(rank)"),
          ])
      }
      guard x.rows <= 20_000, Matrix.canAllocate(Shape(x.rows, 3 * x.rows)) else {
        throw Problem(
          .value, "a consensus of so many rows needs a matrix of \(x.rows)×\(x.rows)", at: "x",
          label: x.label, help: "take a sample of the rows, as in X[1:2000, :]")
      }
      var options = NMFOptions(rank: rank)
      options.loss = try NMFInput.loss(loss, beta: nil, delta: nil)
      options.start = .random
      (options.restarts, options.iterations) = (restarts, iterations)
      try NMFInput.check(options, for: x, weights: nil)
      options.seed = context.generator(seed: seed).seed
      let loop = context.trainingLoop(view)
      var process = Restarts(x, options, start: nil, weights: nil, control: loop.control)
      _ = try loop.run(&process)
      return Consensus(
        process.models.map { model in
          var factors = NMFFactors(w: model.w, ht: model.ht)
          factors.normalizeParts()
          return factors.w.argMaximum(along: .columns)
        }, rank: rank)
    })
}
