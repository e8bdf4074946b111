import Matrices
import Training

/// What a rule starts from: the known entries, what is taken off each of them, and the options.
package struct RatingsTask: Sendable {
  package let entries: ObservedEntries
  package let mean: Double
  package let options: MFOptions

  /// Without biases nothing is taken off.
  package init(_ entries: ObservedEntries, mean: Double, _ options: MFOptions) {
    self.entries = entries
    self.mean = options.bias && options.implicit == nil ? mean : 0
    self.options = options
  }

  var random: Random { Random(seed: UInt64(bitPattern: Int64(options.seed))) }

  /// Small factors by chance, `[p, b, 1]` of every user and `[q, 1, c]` of every item, with biases
  /// of 0: the whole model is one product. Factors that must not be below 0 start above.
  func start(_ precision: Precision = .double) -> RatingsFactors {
    let (rank, shape) = (options.rank, entries.shape)
    var random = random
    let scale = (options.bias ? 0.1 : 1) / Double(max(rank, 1)).squareRoot()
    let one = Matrix.filled(1, 1, with: options.bias ? 1 : 0)
    let sides = [(shape.rows, rank + 1), (shape.columns, rank)].map { lines, place in
      var side = scale * random.normal(lines, rank + 2)
      if options.isNonnegative { side.map(.abs) }
      for column in rank..<rank + 2 {
        side.replace(
          rows: Array(0..<lines), columns: [column], with: column == place ? one : Matrix(0))
      }
      return side.converted(to: precision)
    }
    return RatingsFactors(users: sides[0], items: sides[1])
  }

  /// The root of the mean squared error of factors over the entries.
  func error(of factors: RatingsFactors) -> Double {
    let predicted = Matrix(column: entries.products(factors.users, factors.items)) + mean
    let rest = predicted - Matrix(column: entries.values)
    return (rest.sumOfSquares / Double(max(entries.count, 1))).squareRoot()
  }

  /// `Σ (r − ŷ)² + λ Σ n^ν (‖p‖² + ⅓ b²)` over users and items alike, and `λ Σ n^ν ‖y‖²`.
  package func objective(of factors: RatingsFactors) -> Double {
    let (rank, error) = (options.rank, error(of: factors))
    var users = factors.users
    var extra = 0.0
    if let feedback = factors.feedback {
      let places = Array(0..<rank)
      let own =
        users.selecting(columns: places)
        - entries.feedbackSums(feedback, entries.feedbackShares)
      users.replace(rows: Array(0..<users.rows), columns: places, with: own)
      let none = Matrix.zeros(feedback.rows, 2)
      extra = penalty(.besides([feedback, none]), entries.columnCounts, bias: rank)
    }
    return error * error * Double(entries.count) + extra
      + penalty(users, entries.rowCounts, bias: rank)
      + penalty(factors.items, entries.columnCounts, bias: rank + 1)
  }

  private func penalty(_ side: Matrix, _ counts: [Int], bias: Int) -> Double {
    let ridge = options.userRidge(mean: mean)
    let weights = Matrix(column: counts.map { $0 > 0 ? ridge.weight(entries: $0) : 0 })
    let places = Array(0..<options.rank)
    let squares = side.selecting(columns: places).reduced(.sumOfSquares, along: .columns)
    let biases = side.selecting(columns: [bias])
    return ridge.penalty * weights.dot(squares.converted(to: .double))
      + (ridge.solvesBias ? ridge.biasPenalty * weights.dot(biases.times(biases)) : 0)
  }
}

/// Factors of both sides: users×(k+2) and items×(k+2), such that `mean + users · itemsᵀ` is the
/// model, biases included.
package struct RatingsFactors: Sendable {
  package var users: Matrix
  package var items: Matrix
  /// What having rated an item says of a user, items×k: users are `p + n^−½ Σ y`, in which the sum is
  /// over the n items that they have rated. `nil` where it says nothing.
  package var feedback: Matrix?
}

/// A way to find the factors of ratings: it owns them and does one iteration.
package protocol RatingsRule: Sendable {
  init(_ task: RatingsTask)

  /// What it has found so far.
  var factors: RatingsFactors { get }

  /// What users have given away, of a rule that protects them.
  var release: PrivateRelease? { get }

  /// One iteration. Returns what the loop reports: the root of the mean squared error over the
  /// entries, or the objective of implicit ones.
  mutating func iterate() -> Double
}

extension RatingsRule {
  var release: PrivateRelease? { nil }
}
