/// Blocks of coordinates of a line of an implicit factorization: with everything else as it is, the
/// coordinates π of a block are moved to their minimum, `w_π −= (∇²_ππ)⁻¹ ∇_π`, block after block
/// (iALS++: Rendle, Krichene, Zhang & Koren, arXiv 2110.14044). No system is larger than a block.
struct ImplicitBlocks {
  let side: ImplicitSide
  let size: Int
  /// The diagonal blocks of `α₀HᵀH`, one after the other.
  private let diagonal: UnsafeMutablePointer<Float>
  private let slope: UnsafeMutablePointer<Float>
  private var whole: NormalEquations<Float>
  private var last: NormalEquations<Float>

  init(_ side: ImplicitSide, size: Int) {
    let rank = side.rank
    self.side = side
    self.size = min(max(size, 1), rank)
    whole = NormalEquations(size: self.size)
    last = NormalEquations(size: (rank - 1) % self.size + 1)
    diagonal = .allocate(capacity: rank * self.size)
    slope = .allocate(capacity: rank)
    var target = diagonal
    for first in stride(from: 0, to: rank, by: self.size) {
      let count = min(self.size, rank - first)
      for a in 0..<count {
        target.initialize(from: side.base + (first + a) * side.stride + first, count: count)
        target += count
      }
    }
  }

  func deallocate() {
    diagonal.deallocate()
    slope.deallocate()
    whole.deallocate()
    last.deallocate()
  }

  /// One pass over the blocks of a line; `predictions` has room for one number an entry.
  mutating func solve(
    _ places: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Double>,
    penalty: Float, _ row: UnsafeMutablePointer<Float>,
    _ predictions: UnsafeMutablePointer<Float>
  ) {
    let rank = side.rank
    guard !places.isEmpty else { return row.update(repeating: 0, count: rank) }
    for (i, place) in places.enumerated() {
      predictions[i] = dotProduct(side.source + Int(place) * side.stride, UnsafePointer(row), rank)
    }
    var block = UnsafePointer(diagonal)
    for first in stride(from: 0, to: rank, by: size) {
      let count = min(size, rank - first)
      // −∇ of everything that is not an entry: −(α₀HᵀH w + λ w) of the block.
      for a in 0..<count {
        slope[a] =
          -dotProduct(side.base + (first + a) * side.stride, UnsafePointer(row), rank)
          - penalty * row[first + a]
      }
      if count == size {
        move(&whole, block, first, places, confidences, penalty, row, predictions)
      } else {
        move(&last, block, first, places, confidences, penalty, row, predictions)
      }
      block += count * count
    }
  }

  @inline(__always)
  private func move(
    _ system: inout NormalEquations<Float>, _ block: UnsafePointer<Float>, _ first: Int,
    _ places: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Double>,
    _ penalty: Float, _ row: UnsafeMutablePointer<Float>,
    _ predictions: UnsafeMutablePointer<Float>
  ) {
    let count = system.size
    system.begin(with: block, stride: count)
    for (i, place) in places.enumerated() {
      let c = Float(confidences[i])
      system.feature.update(from: side.source + Int(place) * side.stride + first, count: count)
      let weight = c - side.unobserved
      system.add(weight: weight, target: c - weight * predictions[i])
    }
    system.addRight(UnsafePointer(slope), count: count)
    system.addDiagonal { _, own in penalty + 1e-6 * abs(own) + .leastNormalMagnitude }
    let change = system.solve()
    for a in 0..<count { row[first + a] += change[a] }
    for (i, place) in places.enumerated() {
      predictions[i] += dotProduct(side.source + Int(place) * side.stride + first, change, count)
    }
  }
}
