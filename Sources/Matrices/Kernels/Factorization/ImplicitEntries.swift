import Glibc

/// What one side of an implicit factorization is made of: known entries say 1 with a confidence
/// each, all the others 0 with the weight `unobserved`.
package struct ImplicitLayout: Sendable {
  /// The weight α₀ of an entry that is not known.
  package var unobserved: Double
  /// A line with n entries of m is penalised by `penalty · (n + α₀ m)^exponent`.
  package var penalty: Double
  package var exponent: Double
  package var solution: Solution

  /// How a line is solved for.
  package enum Solution: Sendable, Equatable {
    /// By Cholesky's factor.
    case exact
    /// Some steps of conjugate gradients from where the line is.
    case gradients(steps: Int)
    /// With no entry below 0, coordinate by coordinate.
    case nonnegative
    /// Blocks of so many coordinates, one after the other, from where the line is.
    case blocks(size: Int)
  }

  package init(unobserved: Double, penalty: Double, exponent: Double, by solution: Solution) {
    self.unobserved = unobserved
    self.penalty = penalty
    self.exponent = exponent
    self.solution = solution
  }

  package var isNonnegative: Bool { solution == .nonnegative }

  /// What the squares of a line with so many entries of `others` are multiplied with.
  package func penalty(entries: Int, of others: Int) -> Double {
    penalty * pow(Double(entries) + unobserved * Double(others), exponent)
  }
}

extension ObservedEntries {
  /// Solves for every row w: minimises
  /// `Σ_known c (1 − w·h)² + α₀ Σ_others (w·h)² + λ ‖w‖²` with the values as confidences c
  /// (Hu, Koren & Volinsky, ICDM 2008; the penalty λ of Rendle et al., RecSys 2022). Exactly, by
  /// Cholesky's factor, or by a few steps of conjugate gradients from where the row is (Takács,
  /// Pilászy & Tikk, RecSys 2011). Both factors are f32.
  package func solveImplicitRows(_ own: inout Matrix, _ other: Matrix, _ layout: ImplicitLayout) {
    Kernels.solveImplicit(byRows, &own, other, layout)
  }

  /// The same for every column.
  package func solveImplicitColumns(
    _ own: inout Matrix, _ other: Matrix, _ layout: ImplicitLayout
  ) {
    Kernels.solveImplicit(byColumns, &own, other, layout)
  }
}

extension Kernels {
  fileprivate static func solveImplicit(
    _ lines: ObservedLines, _ own: inout Matrix, _ other: Matrix, _ layout: ImplicitLayout
  ) {
    precondition(own.precision == .single && other.precision == .single)
    precondition(own.columns == other.columns)
    let rank = own.columns
    let count = own.rows
    let others = other.rows
    let other = other.rowMajor()
    let base = (other.transposed * other * layout.unobserved).rowMajor()
    own.write(Float.self) { target in
      other.read(Float.self) { source in
        base.read(Float.self) { base in
          ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
            if Interrupt.abandonsKernels { return }
            let side = ImplicitSide(
              source: source, base: base, rank: rank, unobserved: Float(layout.unobserved))
            func each(
              _ solve: (
                UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Double>, Float,
                UnsafeMutablePointer<Float>
              ) -> Void
            ) {
              for line in range {
                lines.withEntries(of: line) { places, values in
                  let penalty = layout.penalty(entries: places.count, of: others)
                  solve(places, values, Float(penalty), target + line * rank)
                }
              }
            }
            switch layout.solution {
            case .gradients(let steps):
              let search = ConjugateGradients(side, steps: steps)
              defer { search.deallocate() }
              each { search.solve($0, $1, penalty: $2, $3) }
            case .blocks(let size):
              var blocks = ImplicitBlocks(side, size: size)
              let longest = range.map { lines.starts[$0 + 1] - lines.starts[$0] }.max() ?? 0
              let predictions = UnsafeMutablePointer<Float>.allocate(capacity: max(longest, 1))
              defer {
                blocks.deallocate()
                predictions.deallocate()
              }
              each { blocks.solve($0, $1, penalty: $2, $3, predictions) }
            case .exact, .nonnegative:
              var system = NormalEquations<Float>(size: rank)
              defer { system.deallocate() }
              each { side.solve(&system, $0, $1, penalty: $2, $3, layout.isNonnegative) }
            }
          }
        }
      }
    }
  }
}

/// The fixed factor, and `α₀` times its Gram matrix.
struct ImplicitSide {
  let source: UnsafePointer<Float>
  let base: UnsafePointer<Float>
  let rank: Int
  let unobserved: Float

  /// Solves for one line exactly.
  func solve(
    _ system: inout NormalEquations<Float>, _ places: UnsafeBufferPointer<Int32>,
    _ confidences: UnsafeBufferPointer<Double>, penalty: Float, _ row: UnsafeMutablePointer<Float>,
    _ isNonnegative: Bool
  ) {
    system.begin(with: base)
    for (place, confidence) in zip(places, confidences) {
      system.feature.update(from: source + Int(place) * rank, count: rank)
      system.add(weight: Float(confidence) - unobserved, target: Float(confidence))
    }
    // A trace of a penalty keeps the factor real when none is asked for.
    system.addDiagonal { _, own in penalty + 1e-6 * abs(own) + .leastNormalMagnitude }
    let solution =
      isNonnegative
      ? system.descend(from: row, and: row[rank - 1], nonnegative: rank) : system.solve()
    row.update(from: solution, count: rank)
  }
}

/// Conjugate gradients on `(α₀HᵀH + Σ (c − α₀) h hᵀ + λ) w = Σ c h`, a line at a time.
private struct ConjugateGradients {
  let side: ImplicitSide
  let steps: Int
  private let memory: UnsafeMutablePointer<Float>

  init(_ side: ImplicitSide, steps: Int) {
    self.side = side
    self.steps = steps
    memory = .allocate(capacity: 3 * side.rank)
  }

  func deallocate() { memory.deallocate() }

  func solve(
    _ places: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Double>,
    penalty: Float, _ x: UnsafeMutablePointer<Float>
  ) {
    let rank = side.rank
    guard !places.isEmpty else { return x.update(repeating: 0, count: rank) }
    let (rest, direction, image) = (memory, memory + rank, memory + 2 * rank)
    // rest = Σ c h − A x.
    apply(places, confidences, penalty, UnsafePointer(x), isRest: true, into: rest)
    direction.update(from: rest, count: rank)
    var square = dotProduct(UnsafePointer(rest), UnsafePointer(rest), rank)
    for _ in 0..<steps where square > 1e-20 {
      apply(places, confidences, penalty, UnsafePointer(direction), isRest: false, into: image)
      let length = square / dotProduct(UnsafePointer(direction), UnsafePointer(image), rank)
      guard length.isFinite else { return }
      addProduct(length, UnsafePointer(direction), to: x, rank)
      addProduct(-length, UnsafePointer(image), to: rest, rank)
      let next = dotProduct(UnsafePointer(rest), UnsafePointer(rest), rank)
      let share = next / square
      for i in 0..<rank { direction[i] = rest[i] + share * direction[i] }
      square = next
    }
  }

  /// `A x`, or the rest `Σ c h − A x`.
  @inline(__always)
  private func apply(
    _ places: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Double>,
    _ penalty: Float, _ x: UnsafePointer<Float>, isRest: Bool,
    into y: UnsafeMutablePointer<Float>
  ) {
    let rank = side.rank
    let sign: Float = isRest ? -1 : 1
    for i in 0..<rank { y[i] = sign * penalty * x[i] }
    for j in 0..<rank { addProduct(sign * x[j], side.base + j * rank, to: y, rank) }
    for (place, confidence) in zip(places, confidences) {
      let h = side.source + Int(place) * rank
      let c = Float(confidence)
      let product = (c - side.unobserved) * dotProduct(h, x, rank)
      addProduct(isRest ? c - product : product, h, to: y, rank)
    }
  }
}
