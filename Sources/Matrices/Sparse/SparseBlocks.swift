import Synchronization

/// The places of a factor cut into blocks whose rows stay in the second-level cache, and what every
/// line has in every block.
///
/// With many short lines a cut costs more than it brings: a line has at least 16 elements a block on
/// average.
struct SparseBlocks {
  let count: Int
  private let lines: Int
  /// Where line `l` enters block `b`: `cuts[b · lines + l]`; empty when there is one block.
  private let cuts: [Int]

  /// Bytes of a factor that stay in the second-level cache beside what streams by.
  private static let bytes = 1 << 19
  private static let leastElements = 16

  /// How many blocks suit a factor of `rows` rows of `rowBytes` bytes.
  static func count(_ lines: SparseLines, rows: Int, rowBytes: Int) -> Int {
    let perLine = lines.places.count / max(lines.count, 1)
    let size = max(256, bytes / max(rowBytes, 1))
    return max(1, min((rows + size - 1) / size, perLine / leastElements))
  }

  /// The blocks for a factor of `rows` rows of `rowBytes` bytes.
  init(_ lines: SparseLines, rows: Int, rowBytes: Int) {
    self.lines = lines.count
    count = Self.count(lines, rows: rows, rowBytes: rowBytes)
    guard count > 1 else {
      cuts = []
      return
    }
    let (blocks, width, all) = (count, (rows + count - 1) / count, lines.count)
    cuts = [Int](unsafeUninitializedCapacity: (blocks + 1) * all) { cuts, initialized in
      let cuts = cuts
      initialized = (blocks + 1) * all
      lines.starts.withUnsafeBufferPointer { starts in
        lines.places.withUnsafeBufferPointer { places in
          ThreadPool.shared.run(all, by: max(1, (all + 15) / 16)) { range in
            for line in range {
              var from = starts[line]
              let end = starts[line + 1]
              cuts[line] = from
              cuts[blocks * all + line] = end
              for block in 1..<blocks {
                let limit = block * width
                var to = end
                while from < to {
                  let middle = (from + to) / 2
                  if Int(places[middle]) < limit { from = middle + 1 } else { to = middle }
                }
                cuts[block * all + line] = from
              }
            }
          }
        }
      }
    }
  }

  /// Calls `body` for every block with where the elements of every line begin and end in it.
  @inline(__always)
  func forEach(
    _ starts: UnsafePointer<Int>,
    _ body: (_ begins: UnsafePointer<Int>, _ ends: UnsafePointer<Int>) -> Void
  ) {
    guard count > 1 else { return body(starts, starts + 1) }
    cuts.withUnsafeBufferPointer { cuts in
      guard let cuts = cuts.baseAddress else { return }
      for block in 0..<count { body(cuts + block * lines, cuts + (block + 1) * lines) }
    }
  }
}

/// The cuts of one order of a matrix, made when a product first asks for them: in a run of many
/// products they would cost a sixth of every one.
final class SparseCuts: Sendable {
  private let known = Mutex<SparseBlocks?>(nil)

  /// The blocks for a factor of `rows` rows of `rowBytes` bytes.
  func blocks(_ lines: SparseLines, rows: Int, rowBytes: Int) -> SparseBlocks {
    let count = SparseBlocks.count(lines, rows: rows, rowBytes: rowBytes)
    return known.withLock { known in
      if let known, known.count == count { return known }
      let made = SparseBlocks(lines, rows: rows, rowBytes: rowBytes)
      // What a stop has cut short is not kept.
      if !Interrupt.abandonsKernels { known = made }
      return made
    }
  }
}
