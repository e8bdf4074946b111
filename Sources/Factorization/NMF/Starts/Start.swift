import Matrices

extension NMFStart {
  /// The factors to start with, in the precision of X.
  package func factors(for x: Observations, rank: Int, _ random: Random) -> NMFFactors {
    var random = random
    switch self {
    case .random, .given: return uniform(x, rank, &random)
    case .spa:
      return coded(SuccessiveProjections.anchors(of: x, count: rank), x)
    case .kmeans:
      return coded(spread(x, rank, &random), x)
    case .nndsvd: return parts(x, rank, &random)
    case .nndsvda:
      var factors = parts(x, rank, &random)
      factors.w.fillZeros(with: x.mean)
      factors.ht.fillZeros(with: x.mean)
      return factors
    case .nndsvdar:
      var factors = parts(x, rank, &random)
      let size = x.mean / 100
      let fill = { (shape: Shape, random: inout Random) in
        size * random.uniform(shape.rows, shape.columns, x.precision)
      }
      factors.w = factors.w.fillingZeros(with: fill(factors.w.shape, &random))
      factors.ht = factors.ht.fillingZeros(with: fill(factors.ht.shape, &random))
      return factors
    }
  }

  /// Rows of X as parts, with a few sweeps of codes, and no zeros that multiplication cannot leave.
  private func coded(_ rows: [Int], _ x: Observations) -> NMFFactors {
    let ht = x.matrix.selecting(rows: rows).transposed.rowMajor().clamped(
      1e-3 * max(x.mean, 0), .infinity)
    var w = Matrix.zeros(x.shape.rows, rows.count, x.precision)
    _ = w.descend(gram: ht.gram, target: x.times(ht), sweeps: 10, decay: 0.01)
    // A little of every part.
    let level = w.total(.mean)
    return NMFFactors(w: w.clamped(1e-3 * (level > 0 ? level : 1), .infinity), ht: ht)
  }

  /// Arthur & Vassilvitskii 2007: every next row is drawn with a probability in proportion to its
  /// squared distance from the nearest of those before.
  private func spread(_ x: Observations, _ rank: Int, _ random: inout Random) -> [Int] {
    let norms = x.matrix.reduced(.sumOfSquares, along: .columns).converted(to: .double).elements
    var chosen: [Int] = []
    var distances = norms
    for _ in 0..<rank {
      let total = distances.reduce(0, +)
      var place = random.below(max(x.shape.rows, 1))
      if total > 0 {
        var rest = random.uniform() * total
        for (row, distance) in distances.enumerated() where distance > 0 {
          place = row
          rest -= distance
          if rest <= 0 { break }
        }
      }
      let row = x.matrix.rows(in: place..<place + 1)
      let products = x.times(row.transposed).converted(to: .double).elements
      for i in distances.indices {
        let distance = max(0, norms[i] + norms[place] - 2 * products[i])
        distances[i] = chosen.isEmpty ? distance : min(distances[i], distance)
      }
      distances[place] = 0
      chosen.append(place)
    }
    return chosen
  }

  /// Uniform numbers whose product has the mean of X: each factor `2 √(mean / k) · U(0, 1)`.
  private func uniform(_ x: Observations, _ rank: Int, _ random: inout Random) -> NMFFactors {
    let size = 2 * (max(x.mean, 0) / Double(rank)).squareRoot()
    return NMFFactors(
      w: size * random.uniform(x.shape.rows, rank, x.precision),
      ht: size * random.uniform(x.shape.columns, rank, x.precision))
  }

  /// Boutsidis & Gallopoulos 2008: of every singular pair the positive or the negative part,
  /// whichever is larger, `√(σ ‖u±‖‖v±‖) · (u±/‖u±‖, v±/‖v±‖)`.
  private func parts(_ x: Observations, _ rank: Int, _ random: inout Random) -> NMFFactors {
    var (factors, values) = vectors(x, rank, &random)
    Self.keepParts(of: &factors, values)
    return factors
  }

  /// Singular vectors that nobody else has, so that they become factors where they are.
  private func vectors(_ x: Observations, _ rank: Int, _ random: inout Random) -> (
    NMFFactors, [Double]
  ) {
    let triplets = SingularVectors(x, rank: rank, powers: 1, &random)
    Memory.letGoOfKept()
    return (NMFFactors(w: triplets.u, ht: triplets.v), triplets.values)
  }

  /// Turns singular vectors, m×k and n×k, into their parts.
  static func keepParts(of factors: inout NMFFactors, _ values: [Double]) {
    let (rank, precision) = (values.count, factors.w.precision)
    let sizes = [factors.w.halfLengths, factors.ht.halfLengths]
    // What a component is multiplied with, so that the chosen part is above 0.
    var scales = [[Double]](repeating: [Double](repeating: 0, count: rank), count: 2)
    for r in 0..<rank {
      let weights = [0, 1].map { sizes[0][$0][r] * sizes[1][$0][r] }
      // The first pair has one sign; rounding may leave specks of the other.
      let chosen = weights[0] >= weights[1] ? 0 : 1
      let length = (values[r] * weights[chosen]).squareRoot()
      guard length > 0 else { continue }
      for side in 0..<2 {
        scales[side][r] = (chosen == 0 ? length : -length) / sizes[side][chosen][r]
      }
    }
    let part = { (vectors: Matrix, scale: Matrix) in
      let part = Matrix.combine(.multiply, vectors, scale).clamped(0, .infinity)
      // Rounding must not decide what is 0.
      return part.times(Matrix.combine(.greaterOrEqual, part, 1e-6))
    }
    let (w, h) = (
      Matrix(row: scales[0]).converted(to: precision),
      Matrix(row: scales[1]).converted(to: precision)
    )
    factors.w.replaceRows { part($0, w) }
    factors.ht.replaceRows { part($0, h) }
  }
}

extension Matrix {
  /// The lengths of the positive and of the negative parts of every column.
  fileprivate var halfLengths: [[Double]] {
    var squares = [[Double]](repeating: [Double](repeating: 0, count: columns), count: 2)
    for start in stride(from: 0, to: rows, by: 512) {
      let block = rows(in: start..<Swift.min(rows, start + 512))
      for (side, part) in [block.clamped(0, .infinity), block.clamped(-.infinity, 0)].enumerated() {
        for (column, square) in part.reduced(.sumOfSquares, along: .rows).elements.enumerated() {
          squares[side][column] += square
        }
      }
    }
    return squares.map { $0.map { $0.squareRoot() } }
  }

  /// Replaces every 0 by a number, in place.
  mutating func fillZeros(with number: Double) {
    replaceRows { $0.fillingZeros(with: Matrix(number)) }
  }

  /// The same with every 0 replaced by the element of `other`, which may be 1×1.
  func fillingZeros(with other: Matrix) -> Matrix {
    self + Matrix.combine(.equal, self, 0).times(other.converted(to: precision))
  }
}
