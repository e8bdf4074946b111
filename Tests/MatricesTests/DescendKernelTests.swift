import KernelTables
import Matrices
import Testing

/// Coordinate descent by the kernel for wide vectors, which takes two tiles at a time, gives the bits
/// of the one for narrow vectors.
@Suite struct DescendKernelTests {
  private func descended<S: BinaryFloatingPoint>(
    _ table: KernelTable<S>, rows: Int, parts k: Int, decay: Double, width: Int
  ) -> [S] {
    var random = Random(seed: 77)
    let (basis, start) = (random.uniform(3 * k, k), random.uniform(rows, k).elements)
    let gram = (basis.transposed * basis).elements
    // Some rows are there at once, others have a long way to go.
    let target = (random.uniform(rows, 3 * k) * basis).elements.enumerated().map { place, x in
      place / k % 5 < 2 ? 40 * x : x
    }
    var couplings = gram.map { S(-$0) }
    for r in 0..<k { couplings[r * k + r] = 0 }
    var inverses = (0..<k).map { S(1 / gram[$0 * k + $0]) }
    if k > 3 { inverses[2] = 0 }
    var f = start.map { S($0) }
    let b = target.map { S($0) }
    var room = [S](repeating: 0, count: Descent<S>.room(parts: k, width: width))
    var sums = [Double](repeating: 0, count: 2 * k)
    couplings.withUnsafeBufferPointer { couplings in
      inverses.withUnsafeBufferPointer { inverses in
        b.withUnsafeBufferPointer { b in
          f.withUnsafeMutableBufferPointer { f in
            room.withUnsafeMutableBufferPointer { room in
              sums.withUnsafeMutableBufferPointer { sums in
                guard let couplings = couplings.baseAddress, let inverses = inverses.baseAddress,
                  let b = b.baseAddress, let f = f.baseAddress, let room = room.baseAddress,
                  let sums = sums.baseAddress
                else { return }
                let descent = Descent(
                  parts: k, couplings: couplings, inverses: inverses, l1: S(0.01), lowest: 0,
                  highest: 3, sweeps: 6, decay: decay)
                table.descend(descent, f, b, k, rows, room, sums)
              }
            }
          }
        }
      }
    }
    return f + sums.map { S($0) }
  }

  @Test(arguments: [1, 5, 16, 32, 33], [1, 31, 32, 33, 64, 65, 129, 300])
  func anyWidthGivesTheSameBits(_ parts: Int, _ rows: Int) {
    for decay in [0, 0.1, 0.7] {
      #expect(
        descended(Double.chosenKernels, rows: rows, parts: parts, decay: decay, width: 8)
          == descended(Double.narrowKernels, rows: rows, parts: parts, decay: decay, width: 8))
      #expect(
        descended(Float.chosenKernels, rows: rows, parts: parts, decay: decay, width: 16)
          == descended(Float.narrowKernels, rows: rows, parts: parts, decay: decay, width: 16))
    }
  }
}
