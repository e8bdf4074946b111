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
      let mean = x.mean
      factors.w = factors.w.fillingZeros(with: Matrix(mean))
      factors.ht = factors.ht.fillingZeros(with: Matrix(mean))
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
    let triplets = SingularVectors(x, rank: rank, powers: 1, &random)
    return Self.parts(of: triplets.u, triplets.values, triplets.v)
  }

  /// The parts of singular vectors, m×k and n×k.
  static func parts(of u: Matrix, _ values: [Double], _ v: Matrix) -> NMFFactors {
    let (rank, precision) = (values.count, u.precision)
    let halves = [1.0, -1.0].map { sign in
      (
        u: (sign * u).clamped(0, .infinity), v: (sign * v).clamped(0, .infinity)
      )
    }
    let sizes = halves.map { half in
      (
        u: half.u.reduced(.sumOfSquares, along: .rows).elements.map { $0.squareRoot() },
        v: half.v.reduced(.sumOfSquares, along: .rows).elements.map { $0.squareRoot() }
      )
    }
    // What the chosen half of each component is multiplied with, and 0 for the other half.
    var scales = [[Double]](repeating: [Double](repeating: 0, count: rank), count: 4)
    for r in 0..<rank {
      let weights = sizes.map { $0.u[r] * $0.v[r] }
      // The first pair has one sign; rounding may leave specks of the other.
      let chosen = weights[0] >= weights[1] ? 0 : 1
      let length = (values[r] * weights[chosen]).squareRoot()
      guard length > 0 else { continue }
      scales[2 * chosen][r] = length / sizes[chosen].u[r]
      scales[2 * chosen + 1][r] = length / sizes[chosen].v[r]
    }
    let rows = scales.map { Matrix(row: $0).converted(to: precision) }
    let joined = { (a: Matrix, b: Matrix, i: Int) in
      Matrix.combine(.multiply, a, rows[i]) + Matrix.combine(.multiply, b, rows[i + 2])
    }
    var w = joined(halves[0].u, halves[1].u, 0)
    var ht = joined(halves[0].v, halves[1].v, 1)
    // Rounding must not decide what is 0.
    w = w.times(Matrix.combine(.greaterOrEqual, w, 1e-6))
    ht = ht.times(Matrix.combine(.greaterOrEqual, ht, 1e-6))
    return NMFFactors(w: w, ht: ht)
  }
}

extension Matrix {
  /// The same with every 0 replaced by the element of `other`, which may be 1×1.
  func fillingZeros(with other: Matrix) -> Matrix {
    self + Matrix.combine(.equal, self, 0).times(other.converted(to: precision))
  }
}
