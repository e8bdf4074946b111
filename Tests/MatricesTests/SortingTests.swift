import Matrices
import Testing

/// Sorting by distribution against the sort of the standard library.
@Suite struct SortingTests {
  static let kinds = [
    "uniform", "normal", "few", "equal", "sorted", "backwards", "outliers", "special", "tiny",
  ]

  static func numbers(_ kind: String, _ count: Int) -> [Double] {
    var random = Random(seed: 5)
    switch kind {
    case "normal": return random.normal(1, count).elements
    case "few": return random.uniform(1, count).elements.map { ($0 * 7).rounded(.down) }
    case "equal": return [Double](repeating: -2.5, count: count)
    case "sorted": return (0..<count).map { Double($0) / 3 - 100 }
    case "backwards": return (0..<count).map { -Double($0) * 1e10 }
    case "outliers":
      var numbers = random.uniform(1, count).elements
      numbers[count / 2] = 1e300
      numbers[count / 3] = -1e-300
      return numbers
    case "special":
      let odd: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.nan]
      return random.normal(1, count).elements.enumerated().map { place, number in
        place % 5 == 0 ? odd[place / 5 % odd.count] : number
      }
    case "tiny": return random.normal(1, count).elements.map { 1 + $0 * 1e-15 }
    default: return random.uniform(1, count).elements
    }
  }

  /// Ascending, NaN last.
  static func sorted(_ numbers: [Double], descending: Bool = false) -> [Double] {
    let finite = numbers.filter { !$0.isNaN }
    return (descending ? finite.sorted(by: >) : finite.sorted())
      + numbers.filter(\.isNaN)
  }

  static func same(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
  }

  @Test(arguments: kinds, [3, 33, 1000, 40_000, 700_000])
  func sortsAsTheStandardLibraryDoes(_ kind: String, _ count: Int) {
    let numbers = Self.numbers(kind, count)
    for precision in Precision.allCases {
      let row = Matrix(row: numbers).converted(to: precision)
      let plain = row.elements
      for descending in [false, true] {
        let sorted = row.sorted(along: .columns, descending: descending)
        #expect(Self.same(sorted.elements, Self.sorted(plain, descending: descending)))
        #expect(sorted.precision == precision)
      }
      if count == 40_000 {
        let table = Matrix(200, 200, numbers).converted(to: precision)
        let down = table.sorted(along: .rows)
        for column in [0, 77, 199] {
          #expect(Self.same(down.column(column), Self.sorted(table.column(column))))
        }
      }
    }
  }

  @Test(arguments: kinds, [3, 40, 1000, 300_000])
  func tellsWhereTheElementsStood(_ kind: String, _ count: Int) {
    for (descending, precision) in [(false, Precision.double), (true, .double), (true, .single)] {
      let row = Matrix(row: Self.numbers(kind, count)).converted(to: precision)
      let numbers = row.elements
      let order = row.sortingOrder(along: .columns, descending: descending)
      let wanted = numbers.indices.sorted { a, b in
        let (x, y) = (numbers[a], numbers[b])
        if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? a < b : y.isNaN }
        return x == y ? a < b : descending ? x > y : x < y
      }
      #expect(Self.same(order.elements, wanted.map { Double($0) }))
    }
  }

  @Test(arguments: kinds, [1, 40, 1000, 300_000])
  func findsTheDifferentElements(_ kind: String, _ count: Int) {
    let numbers = kind == "outliers" && count < 3 ? [1.0] : Self.numbers(kind, count)
    var wanted: [Double] = []
    for number in Self.sorted(numbers) {
      if let last = wanted.last, last == number || last.isNaN && number.isNaN { continue }
      wanted.append(number)
    }
    #expect(Self.same(Matrix(row: numbers).distinctElements.elements, wanted))
  }

  @Test(arguments: kinds, [5, 1000, 140_000, 600_000])
  func quantilesAreThoseOfTheSortedElements(_ kind: String, _ count: Int) {
    let numbers = Self.numbers(kind, count)
    let sorted = Self.sorted(numbers)
    let parts = [0, 0.001, 0.25, 0.5, 0.77, 0.999, 1]
    let found = Matrix(row: numbers).quantiles(parts, along: .columns)
    for (place, part) in parts.enumerated() {
      if numbers.contains(where: \.isNaN) {
        #expect(found[0, place].isNaN)
        continue
      }
      let position = part * Double(count - 1)
      let low = Int(position)
      let (a, b) = (sorted[low], sorted[min(low + 1, count - 1)])
      let between = position - Double(low)
      #expect(found[0, place] == (between == 0 || a == b ? a : a + (b - a) * between), "\(part)")
    }
  }

  @Test func sortsNothing() {
    #expect(Matrix.zeros(0, 3).sorted(along: .columns).shape == Shape(0, 3))
    #expect(Matrix.zeros(3, 0).sorted(along: .columns).shape == Shape(3, 0))
    #expect(Matrix.zeros(0, 0).distinctElements.count == 0)
  }
}
