import Glibc
import KernelTables

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
  /// Pilászy & Tikk, RecSys 2011). Both factors are f32; `gram` is `HᵀH`. Returns
  /// `Σ_known c (1 − w·h)² − α₀ (w·h)²`, which with `α₀ ⟨WᵀW, HᵀH⟩` is the loss without penalties.
  @discardableResult
  package func solveImplicitRows(
    _ own: inout Matrix, _ other: Matrix, gram: Matrix? = nil, _ layout: ImplicitLayout
  ) -> Double {
    Kernels.solveImplicit(byRows, &own, other, gram, layout)
  }

  /// The same for every column.
  @discardableResult
  package func solveImplicitColumns(
    _ own: inout Matrix, _ other: Matrix, gram: Matrix? = nil, _ layout: ImplicitLayout
  ) -> Double {
    Kernels.solveImplicit(byColumns, &own, other, gram, layout)
  }
}

extension Kernels {
  fileprivate static func solveImplicit(
    _ lines: ObservedLines, _ own: inout Matrix, _ other: Matrix, _ gram: Matrix?,
    _ layout: ImplicitLayout
  ) -> Double {
    precondition(own.precision == .single && other.precision == .single)
    precondition(own.columns == other.columns)
    let (rank, count, others) = (own.columns, own.rows, other.rows)
    // Rows of whole vectors: loops over them have no tails.
    let stride = (rank + 15) / 16 * 16
    let gram = ((gram ?? other.transposed * other) * layout.unobserved).padded(stride, stride)
    let other = other.padded(others, stride)
    var losses = [Double](repeating: 0, count: count)
    losses.withUnsafeMutableBufferPointer { losses in
      let losses = losses
      own.write(Float.self) { target in
        other.read(Float.self) { source in
          gram.read(Float.self) { base in
            let side = ImplicitSide(
              source: source, base: base, rank: rank, stride: stride,
              unobserved: Float(layout.unobserved))
            ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
              let longest = range.map { lines.starts[$0 + 1] - lines.starts[$0] }.max() ?? 0
              var solver = ImplicitSolver(side, layout.solution, longest: longest)
              defer { solver.deallocate() }
              for line in range where !Interrupt.abandonsKernels {
                lines.withEntries(of: line) { places, values in
                  losses[line] = solver.solve(
                    places, values, penalty: layout.penalty(entries: places.count, of: others),
                    target + line * rank)
                }
              }
            }
          }
        }
      }
    }
    return losses.reduce(0, +)
  }
}

extension Matrix {
  /// With zeros at the right and below, row after row.
  fileprivate func padded(_ rows: Int, _ columns: Int) -> Matrix {
    var result = self
    if columns > self.columns {
      result = .besides([result, .zeros(self.rows, columns - self.columns, precision)])
    }
    if rows > self.rows { result = .above([result, .zeros(rows - self.rows, columns, precision)]) }
    return result.rowMajor()
  }
}

/// The fixed factor, and `α₀` times its Gram matrix; rows are `stride` numbers apart.
struct ImplicitSide {
  let source: UnsafePointer<Float>
  let base: UnsafePointer<Float>
  let rank: Int
  let stride: Int
  let unobserved: Float

  /// Solves for one line exactly.
  func solve(
    _ system: inout NormalEquations<Float>, _ places: UnsafeBufferPointer<Int32>,
    _ confidences: UnsafeBufferPointer<Double>, penalty: Float, _ row: UnsafeMutablePointer<Float>,
    _ isNonnegative: Bool
  ) {
    system.begin(with: base, stride: stride)
    for (place, confidence) in zip(places, confidences) {
      system.feature.update(from: source + Int(place) * stride, count: rank)
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

/// Solves for lines, one after the other in the same memory.
private struct ImplicitSolver {
  private let side: ImplicitSide
  private let solution: ImplicitLayout.Solution
  private var line: ImplicitLine<Float>
  private let system: NormalEquations<Float>?
  private var blocks: ImplicitBlocks?
  /// One number an entry of the longest line.
  private let predictions: UnsafeMutablePointer<Float>

  init(_ side: ImplicitSide, _ solution: ImplicitLayout.Solution, longest: Int) {
    self.side = side
    self.solution = solution
    let count = side.stride + ImplicitLine<Float>.roomCount(stride: side.stride)
    // Vectors that cross the lines of a cache take twice as long, and longer where what was just
    // written is read.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    memory.initialize(repeating: 0, count: count)
    line = ImplicitLine(
      factor: side.source, gram: side.base, stride: side.stride, unobserved: side.unobserved,
      w: memory, room: memory + side.stride)
    switch solution {
    case .exact, .nonnegative: (system, blocks) = (NormalEquations(size: side.rank), nil)
    case .blocks(let size): (system, blocks) = (nil, ImplicitBlocks(side, size: size))
    case .gradients: (system, blocks) = (nil, nil)
    }
    predictions = .allocate(capacity: blocks == nil ? 0 : longest)
  }

  func deallocate() {
    UnsafeMutableRawPointer(line.w).deallocate()
    system?.deallocate()
    blocks?.deallocate()
    predictions.deallocate()
  }

  /// Solves for one line; returns what its entries add to the loss beyond that of all pairs.
  mutating func solve(
    _ places: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Double>,
    penalty: Double, _ row: UnsafeMutablePointer<Float>
  ) -> Double {
    if places.isEmpty {
      row.update(repeating: 0, count: side.rank)
      return 0
    }
    let kernels = Float.chosenKernels
    (line.places, line.confidences) = (places.baseAddress, confidences.baseAddress)
    (line.count, line.penalty) = (places.count, penalty)
    switch solution {
    case .gradients(let steps):
      line.w.update(from: row, count: side.rank)
      kernels.approachImplicit(line, steps)
      row.update(from: line.w, count: side.rank)
    case .blocks:
      blocks?.solve(places, confidences, penalty: Float(penalty), row, predictions)
      line.w.update(from: row, count: side.rank)
    case .exact, .nonnegative:
      if var system {
        side.solve(
          &system, places, confidences, penalty: Float(penalty), row, solution == .nonnegative)
      }
      line.w.update(from: row, count: side.rank)
    }
    return kernels.implicitLoss(line)
  }
}
