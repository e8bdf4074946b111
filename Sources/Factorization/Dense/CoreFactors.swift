import Matrices

/// What is added to `W H Wᵀ`.
package enum CoreBias: String, Sendable, CaseIterable {
  case none
  /// One number: `μ 1 1ᵀ`.
  case scalar
  /// `μ 1 1ᵀ + r 1ᵀ + 1 cᵀ`.
  case lines
  /// The same with c = r.
  case symmetric
}

/// `X ≈ W H Wᵀ + B` with W n×k, the k×k core H and `B = μ 1 1ᵀ + r 1ᵀ + 1 cᵀ`. The model is never
/// formed: with `R = X − W H Wᵀ − B` and `G = WᵀW`,
/// `R W = X W − W (H G) − r sᵀ − 1 (tᵀ + μ sᵀ)`, where `s = Wᵀ 1`, `t = Wᵀ c`, and likewise `Rᵀ W`;
/// two products with X a step, O(n² k).
package struct CoreFactors: DenseForm {
  private let x: Matrix
  private let norm: Double
  private let rowSums: Matrix
  private let columnSums: Matrix
  package let bias: CoreBias
  /// Whether H is kept symmetric.
  package let isSymmetric: Bool

  package init(_ x: Matrix, bias: CoreBias, isSymmetric: Bool = false) {
    self.x = x
    self.bias = bias
    self.isSymmetric = isSymmetric
    norm = x.sumOfSquares
    rowSums = x.reduced(.sum, along: .columns)
    columnSums = x.reduced(.sum, along: .rows).transposed.rowMajor()
  }

  /// W, H, μ and, where there are any, r and c.
  package func start(_ random: inout Random, rank: Int) -> [Matrix] {
    let n = x.rows
    let mean = bias == .none ? 0 : x.total(.mean)
    // Factors whose product is as large as what is left of X without its mean.
    let spread = ((x - mean).sumOfSquares / Double(max(x.count, 1))).squareRoot()
    let size = (max(spread, 1e-12) / Double(rank)).squareRoot()
    let w = size * random.normal(n, rank)
    var h = Matrix.identity(rank) + 0.1 * random.normal(rank, rank)
    if isSymmetric { h = 0.5 * (h + h.transposed) }
    let lines = [Matrix](repeating: .zeros(n, 1), count: lineCount)
    return [w, h, Matrix(mean)] + lines
  }

  private var lineCount: Int {
    switch bias {
    case .none, .scalar: 0
    case .lines: 2
    case .symmetric: 1
    }
  }

  package func lines(_ p: [Matrix]) -> (rows: Matrix, columns: Matrix)? { bothLines(p) }

  /// r and c.
  private func bothLines(_ p: [Matrix]) -> (rows: Matrix, columns: Matrix) {
    let none = Matrix.zeros(x.rows, 1)
    return p.count > 3 ? (p[3], p.last ?? none) : (none, none)
  }

  package func rebuilt(_ p: [Matrix]) -> Matrix { rebuilt(p, rows: 0..<x.rows) }

  private func rebuilt(_ p: [Matrix], rows: Range<Int>) -> Matrix {
    let product = p[0].rows(in: rows) * p[1] * p[0].transposed + p[2][0, 0]
    guard p.count > 3 else { return product }
    let (r, c) = bothLines(p)
    return .combine(
      .add, .combine(.add, product, r.rows(in: rows)), c.transposed)
  }

  package func evaluate(_ p: [Matrix]) -> DenseState {
    let (w, h, mean) = (p[0], p[1], p[2][0, 0])
    let (r, c) = bothLines(p)
    let n = Double(x.rows)
    let gram = w.transposed * w
    let s = w.reduced(.sum, along: .rows)
    let hasLines = p.count > 3
    let (xw, xtw) = (x * w, x.transposed * w)
    var right = xw - w * (h * gram)
    var left = xtw - w * (h.transposed * gram)
    let (rw, cw) = (r.transposed * w, c.transposed * w)
    if bias != .none {
      right = .combine(.subtract, right, cw + mean * s)
      left = .combine(.subtract, left, rw + mean * s)
    }
    if hasLines {
      right = right - r * s
      left = left - c * s
    }
    let core = w.transposed * right
    // R 1 and Rᵀ 1.
    let (rSum, cSum) = (r.total(.sum), c.total(.sum))
    let across = rowSums - w * (h * s.transposed) - n * r - (cSum + n * mean)
    let down = columnSums - w * (h.transposed * s.transposed) - n * c - (rSum + n * mean)
    let all = across.total(.sum)
    var gradients = [
      -(right * h.transposed + left * h), -(isSymmetric ? 0.5 * (core + core.transposed) : core),
      Matrix(bias == .none ? 0 : -all),
    ]
    switch bias {
    case .none, .scalar: break
    case .lines: gradients += [-across, -down]
    case .symmetric: gradients.append(-(across + down))
    }
    // ‖R‖² = ⟨X, R⟩ − ⟨model, R⟩.
    let known =
      norm - (w.transposed * xw).dot(h) - r.dot(rowSums) - c.dot(columnSums)
      - mean * rowSums.total(.sum)
    var squares = known - h.dot(core) - r.dot(across) - c.dot(down) - mean * all
    // Where little is left the difference has no digits: it is taken in blocks of rows.
    if !(squares > 1e-6 * norm) { squares = explicit(p) }
    return DenseState(squares: squares, gradients: gradients)
  }

  private func explicit(_ p: [Matrix]) -> Double {
    let size = max(1, min(x.rows, 1 << 20 / max(x.columns, 1)))
    return stride(from: 0, to: x.rows, by: size).reduce(0.0) { sum, first in
      let rows = first..<min(first + size, x.rows)
      return sum + (x.rows(in: rows) - rebuilt(p, rows: rows)).sumOfSquares
    }
  }

  /// `Wᵀ (X − B) W`.
  func projected(_ p: [Matrix]) -> Matrix {
    let w = p[0]
    let s = w.reduced(.sum, along: .rows)
    let (r, c) = bothLines(p)
    let inner = w.transposed * (x * w)
    return inner - (w.transposed * r) * s - s.transposed * (c.transposed * w)
      - p[2][0, 0] * (s.transposed * s)
  }

  /// The best B for what W H Wᵀ leaves: means of rows and columns.
  func bestBias(_ p: [Matrix]) -> [Matrix] {
    guard bias != .none else { return p }
    let n = Double(x.rows)
    let (w, h) = (p[0], p[1])
    let s = w.reduced(.sum, along: .rows).transposed
    let across = (rowSums - w * (h * s)) / n
    let down = (columnSums - w * (h.transposed * s)) / n
    let mean = across.total(.mean)
    var next = p
    next[2] = Matrix(mean)
    switch bias {
    case .none, .scalar: break
    case .lines: (next[3], next[4]) = (across - mean, down - mean)
    case .symmetric: next[3] = 0.5 * (across + down) - mean
    }
    return next
  }

  /// `X W` and `Xᵀ W`.
  func products(_ w: Matrix) -> (right: Matrix, left: Matrix) { (x * w, x.transposed * w) }
}
