import Matrices

/// Why there is no derivative at a place, as data.
package enum DerivativeError: Error, Equatable, Sendable {
  /// Vectors that belong to equal values may turn freely.
  case repeatedValues(of: String, first: Double, second: Double)
  /// A value is 0, and the direction of its vector is left open.
  case rankDeficient(of: String)
  /// Its derivative is no operation on traced values, and has itself none.
  case onlyOnce(String)
}

/// Decompositions. Every factor is a result of its own, so that a gradient goes back only through
/// those that were used; a rule that needs the other factors takes those it has seen, or, where the
/// work back is recorded itself, those of the traced matrix.
extension Trace {
  /// Eigenvalues in ascending order as a column, and eigenvectors of length 1 as columns.
  package func eigen() throws -> (values: Trace, vectors: Trace) {
    let (values, vectors) = try value.matrix.eigen()
    return (
      Self.record(.matrix(values), asMatrix, by: .eigenvalues(vectors: Trace(vectors))),
      Self.record(.matrix(vectors), asMatrix, by: .eigenvectors(values: Trace(values)))
    )
  }

  /// Singular vectors as columns, and singular values as a column.
  package func singular() throws -> (u: Trace, s: Trace, v: Trace) {
    let factors = try value.matrix.svd()
    let parts = Singular(u: Trace(factors.u), s: Trace(factors.s), v: Trace(factors.v))
    return (
      Self.record(.matrix(factors.u), asMatrix, by: .leftVectors(parts)),
      Self.record(.matrix(factors.s), asMatrix, by: .singularValues(parts)),
      Self.record(.matrix(factors.v), asMatrix, by: .rightVectors(parts))
    )
  }

  /// `X = Q R`; the columns of a wide matrix beyond the square are `R = Qᵀ X`.
  package func orthogonal() throws -> (q: Trace, r: Trace) {
    let (rows, columns) = (shape.rows, shape.columns)
    if columns > rows {
      let all = Array(0..<rows)
      let (q, r) = try picked(rows: all, columns: all).orthogonal()
      let rest = picked(rows: all, columns: Array(rows..<columns))
      return (q, Trace.joined([[r, q.transposed * rest]]))
    }
    let (q, r) = try value.matrix.factoredQR()
    let parts = Orthogonal(q: Trace(q), r: Trace(r))
    return (
      Self.record(.matrix(q), asMatrix, by: .orthonormal(parts)),
      Self.record(.matrix(r), asMatrix, by: .upperTriangle(parts))
    )
  }

  /// `P X = L U`; what lies beyond the square part follows from it by substitution.
  package func eliminated() throws -> (l: Trace, u: Trace, p: Trace) {
    let p = Trace(try value.matrix.factoredLU().p)
    let swapped = p * asMatrix
    let (rows, columns) = (shape.rows, shape.columns)
    let (size, square) = (min(rows, columns), Array(0..<min(rows, columns)))
    let (l, u) = try swapped.picked(rows: square, columns: square).triangular()
    if rows > size {
      let rest = swapped.picked(rows: Array(size..<rows), columns: square)
      return (
        Trace.joined([[l], [try u.transposed.solve(rest.transposed).transposed]]), u, p
      )
    }
    if columns > size {
      let rest = swapped.picked(rows: square, columns: Array(size..<columns))
      return (l, Trace.joined([[u, try l.solve(rest)]]), p)
    }
    return (l, u, p)
  }

  /// `X = L U` of a square matrix whose rows need no swaps.
  fileprivate func triangular() throws -> (l: Trace, u: Trace) {
    let (l, u, _) = try value.matrix.factoredLU()
    let parts = Triangular(l: Trace(l), u: Trace(u))
    return (
      Self.record(.matrix(l), asMatrix, by: .lowerFactor(parts)),
      Self.record(.matrix(u), asMatrix, by: .upperFactor(parts))
    )
  }

  /// The elements below the diagonal, and the diagonal times a number.
  fileprivate func lower(diagonal: Double) -> Trace {
    let (n, precision) = (shape.rows, value.precision)
    let mask =
      Trace(Matrix.lowerHalf(n, precision)) + (diagonal - 0.5) .* Trace(.identity(n, precision))
    return self .* mask
  }

  /// The lower triangle and its reflection.
  fileprivate var reflected: Trace {
    let half = lower(diagonal: 0.5)
    return half + half.transposed
  }

  /// `self · R⁻ᵀ`.
  fileprivate func overTransposed(_ r: Trace) throws -> Trace {
    try r.solve(transposed).transposed
  }
}

/// The factors of `X = U diag(S) Vᵀ`.
package struct Singular: Sendable {
  let u: Trace
  let s: Trace
  let v: Trace

  /// Those of a traced matrix where there is one.
  func of(_ a: Trace) throws -> Singular {
    guard a.isTraced else { return self }
    let (u, s, v) = try a.singular()
    return Singular(u: u, s: s, v: v)
  }

  /// `1 / (sⱼ² − sᵢ²)`, 0 on the diagonal.
  fileprivate func gaps(_ slope: Trace) throws -> Trace {
    try Trace.inverseGaps(s .* s, slope, "singular values") { $0.squareRoot() }
  }

  /// `1 / s`; of a value of 0, whose vector is not determined, 0 where nobody asked for the vector.
  fileprivate func inverse(_ slope: Trace) throws -> Trace {
    let values = s.value.matrix.elements
    let wanted = Trace.isWanted(slope)
    var marks = Matrix.zeros(values.count, 1, s.value.precision)
    for (place, value) in values.enumerated() where value <= (values.first ?? 0) * 1e-14 {
      if wanted[place] { throw DerivativeError.rankDeficient(of: "svd") }
      marks[place, 0] = 1
    }
    let empty = Trace(marks)
    return (1 - empty) ./ (s + empty)
  }
}

/// The factors of `X = Q R`.
package struct Orthogonal: Sendable {
  let q: Trace
  let r: Trace

  func of(_ a: Trace) throws -> Orthogonal {
    guard a.isTraced else { return try checked() }
    let (q, r) = try a.orthogonal()
    return try Orthogonal(q: q, r: r).checked()
  }

  private func checked() throws -> Orthogonal {
    let diagonal = r.value.matrix.diagonal.elements.map { abs($0) }
    if let least = diagonal.min(), let most = diagonal.max(), least <= most * 1e-14 {
      throw DerivativeError.rankDeficient(of: "qr")
    }
    return self
  }
}

/// The factors of `X = L U`.
package struct Triangular: Sendable {
  let l: Trace
  let u: Trace

  func of(_ a: Trace) throws -> Triangular {
    guard a.isTraced else { return self }
    let (l, u) = try a.triangular()
    return Triangular(l: l, u: u)
  }

  /// `L⁻ᵀ inner U⁻ᵀ`.
  func back(_ inner: Trace) throws -> Trace { try l.transposed.solve(inner).overTransposed(u) }
}

extension Trace {
  /// `1 / (xⱼ − xᵢ)` of a column, 0 on the diagonal. Refuses values that are equal to rounding where
  /// the slope asks for one of their vectors.
  fileprivate static func inverseGaps(
    _ x: Trace, _ slope: Trace, _ name: String, _ shown: (Double) -> Double = { $0 }
  ) throws -> Trace {
    let values = x.value.matrix
    let wanted = isWanted(slope)
    var marks = Matrix.identity(values.count, x.value.precision)
    for (first, second) in values.closePairs(within: 1e-12) {
      if wanted[first] || wanted[second] {
        throw DerivativeError.repeatedValues(
          of: name, first: shown(values[first, 0]), second: shown(values[second, 0]))
      }
      marks[first, second] = 1
      marks[second, first] = 1
    }
    let equal = Trace(marks)
    return (1 - equal) ./ (x.transposed - x + equal)
  }

  /// Which columns of a slope are not all 0.
  fileprivate static func isWanted(_ slope: Trace) -> [Bool] {
    slope.value.matrix.reduced(.sumOfMagnitudes, along: .rows).elements.map { $0 != 0 }
  }
}

extension Rule {
  /// `dλ = diag(V⁻¹ dA V)` (Magnus 1985): the slope `V⁻ᵀ diag(g) Vᵀ`.
  static func eigenvalues(vectors: Trace) -> Rule {
    Rule { p in
      let v = p.a.isTraced ? try p.a.eigen().vectors : vectors
      return try v.transposed.solve(p.full .* v.transposed)
    }
  }

  /// `dV = V (F ∘ V⁻¹ dA V)` with `Fᵢⱼ = 1 / (λⱼ − λᵢ)`, less its part along each vector, which
  /// keeps its length (Magnus 1985; Boeddeker et al. 2017).
  static func eigenvectors(values: Trace) -> Rule {
    Rule { p in
      let pair = p.a.isTraced ? try p.a.eigen() : (values: values, vectors: p.y)
      let v = pair.vectors
      let slope = p.full
      let gaps = try Trace.inverseGaps(pair.values, slope, "eigenvalues")
      let across = slope - v .* (v .* slope).sum(along: .rows)
      return try v.transposed.solve((gaps .* (v.transposed * across)) * v.transposed)
    }
  }

  /// `dS = diag(Uᵀ dX V)`: the slope `U diag(g) Vᵀ`.
  static func singularValues(_ parts: Singular) -> Rule {
    Rule { p in
      let parts = try parts.of(p.a)
      return parts.u * (p.full .* parts.v.transposed)
    }
  }

  /// `[U (F ∘ (Uᵀ G − Gᵀ U)) S + (I − U Uᵀ) G S⁻¹] Vᵀ` with `Fᵢⱼ = 1 / (sⱼ² − sᵢ²)` (Townsend
  /// 2016).
  static func leftVectors(_ parts: Singular) -> Rule {
    Rule { p in
      let parts = try parts.of(p.a)
      let (u, s, v) = (parts.u, parts.s.transposed, parts.v)
      let inner = u.transposed * p.full
      var slope = (u * (try parts.gaps(p.full) .* (inner - inner.transposed))) .* s
      if p.y.shape.rows > p.y.shape.columns {
        slope = slope + (p.full - u * inner) .* (try parts.inverse(p.full).transposed)
      }
      return slope * v.transposed
    }
  }

  /// `U [S (F ∘ (Vᵀ G − Gᵀ V)) Vᵀ + S⁻¹ Gᵀ (I − V Vᵀ)]` (Townsend 2016).
  static func rightVectors(_ parts: Singular) -> Rule {
    Rule { p in
      let parts = try parts.of(p.a)
      let (u, s, v) = (parts.u, parts.s, parts.v)
      let inner = v.transposed * p.full
      var slope = (s .* (try parts.gaps(p.full) .* (inner - inner.transposed))) * v.transposed
      if p.y.shape.rows > p.y.shape.columns {
        slope = slope + (p.full - v * inner).transposed .* (try parts.inverse(p.full))
      }
      return u * slope
    }
  }

  /// Q of a square or tall matrix: `(G + Q copyltu(−Gᵀ Q)) R⁻ᵀ`, where copyltu reflects the lower
  /// triangle (Walter, Lehmann & Lamour 2012).
  static func orthonormal(_ parts: Orthogonal) -> Rule {
    Rule { p in
      let parts = try parts.of(p.a)
      let slope = p.full
      let inner = (-slope.transposed * parts.q).reflected
      return try (slope + parts.q * inner).overTransposed(parts.r)
    }
  }

  /// R of a square or tall matrix: `Q copyltu(R Gᵀ) R⁻ᵀ`.
  static func upperTriangle(_ parts: Orthogonal) -> Rule {
    Rule { p in
      let parts = try parts.of(p.a)
      return try (parts.q * (parts.r * p.full.transposed).reflected).overTransposed(parts.r)
    }
  }

  /// L of a square matrix: `L⁻ᵀ tril(Lᵀ G, −1) U⁻ᵀ` (de Hoog, Anderssen & Lukas 2011).
  static func lowerFactor(_ parts: Triangular) -> Rule {
    Rule { p in
      let parts = try parts.of(p.a)
      return try parts.back((parts.l.transposed * p.full).lower(diagonal: 0))
    }
  }

  /// U of a square matrix: `L⁻ᵀ triu(G Uᵀ) U⁻ᵀ`.
  static func upperFactor(_ parts: Triangular) -> Rule {
    Rule { p in
      let parts = try parts.of(p.a)
      let inner = p.full * parts.u.transposed
      return try parts.back(inner - inner.lower(diagonal: 0))
    }
  }
}
