/// What is sorted: the key of a number, with all that goes with it.
protocol LineItem {
  associatedtype Number: Scalar
  /// What a sorted line holds in its place.
  associatedtype Output
  var key: Number.Key { get }
  var output: Output { get }

  /// Sorts items by their bits, whatever these are; items of one key keep their order. The items
  /// themselves are used up.
  static func sortByBits(
    _ items: UnsafeMutablePointer<Self>, into target: UnsafeMutablePointer<Output>, _ count: Int)
}

/// The key of a number, which goes alone.
struct SortedNumber<Number: Scalar>: LineItem {
  let key: Number.Key
  @inline(__always) var output: Number { Number.number(key) }

  static func sortByBits(
    _ items: UnsafeMutablePointer<Self>, into target: UnsafeMutablePointer<Number>, _ count: Int
  ) {
    let keys = UnsafeMutableRawPointer(items).assumingMemoryBound(to: Number.Key.self)
    let sorted = UnsafeMutableRawPointer(target).assumingMemoryBound(to: Number.Key.self)
    Kernels.inChunks(count) { range in for i in range { sorted[i] = keys[i] } }
    Kernels.sortKeys(sorted, keys, count)
    Kernels.inChunks(count) { range in for i in range { target[i] = Number.number(sorted[i]) } }
  }
}

extension Place: LineItem {
  @inline(__always) var output: Double { Double(index) }

  static func sortByBits(
    _ items: UnsafeMutablePointer<Self>, into target: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    Kernels.withKeys(Self.self, count) { spare in
      let sorted = sort(items, spare, count)
      for i in 0..<count { target[i] = sorted[i].output }
    }
  }
}

/// Items in a row, made when they are asked for.
protocol ItemLine<Item> {
  associatedtype Item: LineItem
  func item(_ index: Int) -> Item
  /// The number of which an item has the key.
  func number(_ index: Int) -> Item.Number
}

/// Numbers in memory.
struct NumberLine<Number: Scalar>: ItemLine, @unchecked Sendable {
  let numbers: UnsafePointer<Number>

  @inline(__always)
  func item(_ index: Int) -> SortedNumber<Number> { SortedNumber(key: Number.key(numbers[index])) }
  @inline(__always)
  func number(_ index: Int) -> Number { numbers[index] }
}

/// The places of numbers in memory, counted from 0.
struct PlaceLine<Number: Scalar>: ItemLine, @unchecked Sendable {
  let numbers: UnsafePointer<Number>
  let descending: Bool

  @inline(__always)
  func item(_ index: Int) -> Place<Number> { Place(numbers[index], index, descending) }
  @inline(__always)
  func number(_ index: Int) -> Number { Number.number(item(index).key) }
}

/// Items that have been moved before.
struct StoredLine<Item: LineItem>: ItemLine, @unchecked Sendable {
  let items: UnsafePointer<Item>

  @inline(__always)
  func item(_ index: Int) -> Item { items[index] }
  @inline(__always)
  func number(_ index: Int) -> Item.Number { Item.Number.number(items[index].key) }
}

extension ItemLine {
  /// Calls a body for the items of a range and the part of a cut that each belongs to. Parts are
  /// found for many items at once.
  @inline(__always)
  func each<C: Cut>(
    _ range: Range<Int>, _ cut: C, _ body: (_ index: Int, _ part: Int) -> Void
  ) where C.Number == Item.Number {
    let most = 256
    withUnsafeTemporaryAllocation(of: Item.Number.self, capacity: most) { numbers in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: most) { parts in
        guard let numbers = numbers.baseAddress, let parts = parts.baseAddress else { return }
        var first = range.lowerBound
        while first < range.upperBound {
          let count = min(most, range.upperBound - first)
          for i in 0..<count { numbers[i] = number(first + i) }
          for i in 0..<count { parts[i] = cut.part(numbers[i]) }
          for i in 0..<count { body(first + i, Int(parts[i])) }
          first += count
        }
      }
    }
  }
}
