/// Sorting of a long line in two steps through the memory. A sample tells how to cut the range into
/// parts of about equal size that fit into a cache; every item moves to its part; then each part
/// is sorted where it lies, by distribution into twice as many cells as it has items, after which
/// hardly any stands in the wrong place. Every step keeps the order of equal keys.
///
/// The cut is in values, or in bit patterns where the sample says that this comes out more evenly
/// (numbers of many magnitudes). Parts that come out too large are cut again, and what is left is
/// sorted by its bits.
enum LongLine<Item: LineItem> {
  typealias Number = Item.Number
  /// Parts of more items are not sorted by cells of 16-bit counts.
  private static var largest: Int { 60_000 }
  /// More items in one cell are not sorted by insertion.
  private static var crowd: UInt16 { 32 }
  /// Parts that come out too large are cut again, so often.
  private static var cuts: Int { 3 }

  /// Sorts a line into other memory, NaN last.
  static func sort<Line: ItemLine>(
    _ line: Line, into target: UnsafeMutablePointer<Item.Output>, _ count: Int
  ) where Line.Item == Item {
    sort(line, into: target, count, cuts)
  }

  private static func sort<Line: ItemLine>(
    _ line: Line, into target: UnsafeMutablePointer<Item.Output>, _ count: Int, _ cuts: Int
  ) where Line.Item == Item {
    switch LineCut<Number>(count, { line.number($0) }) {
    case .values(let cut, let parts): sort(line, into: target, count, cuts, cut, parts)
    case .keys(let cut, let parts): sort(line, into: target, count, cuts, cut, parts)
    }
  }

  private static func sort<Line: ItemLine, C: Cut>(
    _ line: Line, into target: UnsafeMutablePointer<Item.Output>, _ count: Int, _ cuts: Int,
    _ cut: C, _ parts: Int
  ) where Line.Item == Item, C.Number == Number {
    Kernels.withKeys(Item.self, count) { moved in
      guard let starts = LineMove.move(line, into: moved, count, cut, parts) else { return }
      // The few large parts first, each on all threads.
      for part in 0..<parts where starts[part + 1] - starts[part] > largest {
        let size = starts[part + 1] - starts[part]
        sortLarge(moved + starts[part], into: target + starts[part], size, cuts)
      }
      ThreadPool.shared.run(parts, by: 4) { range in
        Kernels.withKeys(Item.self, largest) { spare in
          Kernels.withKeys(UInt32.self, 2 * largest) { room in
            let cells = UnsafeMutableRawPointer(room).assumingMemoryBound(to: UInt16.self)
            for part in range {
              let size = starts[part + 1] - starts[part]
              if size == 0 || size > largest || Interrupt.abandonsKernels { continue }
              let (from, into) = (moved + starts[part], target + starts[part])
              sortPart(from, into: into, size, spare, cells, room + largest)
            }
          }
        }
      }
    }
  }

  private static func sortLarge(
    _ items: UnsafeMutablePointer<Item>, into target: UnsafeMutablePointer<Item.Output>,
    _ count: Int, _ cuts: Int
  ) {
    if areSame(items, count) {
      Kernels.inChunks(count) { range in for i in range { target[i] = items[i].output } }
    } else if cuts > 0 {
      sort(StoredLine(items: items), into: target, count, cuts - 1)
    } else {
      Item.sortByBits(items, into: target, count)
    }
  }

  /// Sorts one part, by cells where its numbers are spread evenly enough. `cells` has room for two
  /// numbers an item, `places` for one.
  private static func sortPart(
    _ items: UnsafeMutablePointer<Item>, into target: UnsafeMutablePointer<Item.Output>,
    _ count: Int, _ spare: UnsafeMutablePointer<Item>, _ cells: UnsafeMutablePointer<UInt16>,
    _ places: UnsafeMutablePointer<UInt32>
  ) {
    let line = StoredLine(items: items)
    let (low, high) = extent(line, count)
    let total = 2 * count
    guard let cut = ValueCut<Number>(from: low, to: high, total) else {
      // Denormal numbers may pass for 0 in a range; their bits do not.
      if (1..<count).allSatisfy({ items[$0].key == items[0].key }) {
        for i in 0..<count { target[i] = items[i].output }
        return
      }
      return Item.sortByBits(items, into: target, count)
    }
    for i in 0..<count { places[i] = cut.part(line.number(i)) }
    cells.initialize(repeating: 0, count: total)
    for i in 0..<count { cells[Int(places[i])] &+= 1 }
    var (sum, fullest) = (UInt16(0), UInt16(0))
    for cell in 0..<total {
      let size = cells[cell]
      cells[cell] = sum
      sum &+= size
      fullest = max(fullest, size)
    }
    if fullest > crowd { return Item.sortByBits(items, into: target, count) }
    for i in 0..<count {
      let cell = Int(places[i])
      spare[Int(cells[cell])] = items[i]
      cells[cell] &+= 1
    }
    for i in 1..<count {
      let item = spare[i]
      var place = i
      while place > 0, spare[place - 1].key > item.key {
        spare[place] = spare[place - 1]
        place -= 1
      }
      spare[place] = item
    }
    for i in 0..<count { target[i] = spare[i].output }
  }

  /// The least and the largest number; NaN does not count.
  private static func extent(_ line: StoredLine<Item>, _ count: Int) -> (Number, Number) {
    let lanes = Number.Vector.scalarCount
    var low = Number.Vector(repeating: .infinity)
    var high = Number.Vector(repeating: -.infinity)
    var first = 0
    while first + lanes <= count {
      var numbers = Number.Vector()
      for lane in 0..<lanes { numbers[lane] = line.number(first + lane) }
      low = Number.smaller(numbers, low)
      high = Number.larger(numbers, high)
      first += lanes
    }
    for i in first..<count {
      let number = Number.Vector(repeating: line.number(i))
      low = Number.smaller(number, low)
      high = Number.larger(number, high)
    }
    return (low.min(), high.max())
  }

  /// Whether many items have the same key: told after a look at the first where they have not.
  private static func areSame(_ items: UnsafeMutablePointer<Item>, _ count: Int) -> Bool {
    let piece = 1 << 19
    let pieces = (count + piece - 1) / piece
    let first = items[0].key
    return withUnsafeTemporaryAllocation(of: Bool.self, capacity: pieces) { same in
      guard let same = same.baseAddress else { return false }
      ThreadPool.shared.run(pieces) { index in
        same[index] = false
        let range = index * piece..<min(count, (index + 1) * piece)
        for i in range where items[i].key != first { return }
        same[index] = true
      }
      return (0..<pieces).allSatisfy { same[$0] }
    }
  }
}
