import Matrices

/// Layers, and what each of them reads: the network's input or layers before it.
///
/// Branches of one network share its first layers: `add(x, x |> dense(64))` finds them again by
/// their marks and takes them once. Layers stand in an order in which each comes after what it
/// reads, the last gives the output.
package struct Graph: Sendable {
  package private(set) var layers: [any Layer]
  /// For every layer the layers that it reads, counted from 0; `Graph.input` is the input.
  package private(set) var sources: [[Int]]
  /// For every layer the one whose weights it uses as well, where there is one.
  package private(set) var ties: [Int?]
  /// For every layer the parameters that it has from an earlier training, where it has any.
  package private(set) var values: [Matrix?]
  private var marks: [Mark]
  private let start: Mark

  /// Tells a layer, or an input, from all others.
  private final class Mark: Sendable {}

  /// What stands for the input of the network among the sources.
  package static let input = -1

  /// Layers one after the other, the first reads the input.
  package init(_ chain: [any Layer] = []) {
    layers = chain
    sources = chain.indices.map { [$0 - 1] }
    ties = chain.map { _ in nil }
    values = ties.map { _ in nil }
    marks = chain.map { _ in Mark() }
    start = Mark()
  }

  /// The same with a layer that reads the last one, and may use the weights of another.
  package func adding(_ layer: any Layer, tiedTo tie: Int? = nil) -> Graph {
    var result = self
    result.append(layer, reading: [layers.count - 1], tiedTo: tie)
    return result
  }

  /// The branches with a layer that reads the last of each; nothing where they start at different
  /// inputs.
  package static func joining(_ branches: [Graph], by layer: any Layer) -> Graph? {
    guard var result = branches.first else { return nil }
    var ends = [result.layers.count - 1]
    for branch in branches.dropFirst() {
      guard branch.start === result.start else { return nil }
      ends.append(result.merge(branch))
    }
    result.append(layer, reading: ends)
    return result
  }

  /// The layers up to one, which gives the output; none for `Graph.input`.
  package func prefix(through place: Int) -> Graph {
    var result = self
    result.layers = Array(layers.prefix(place + 1))
    result.sources = Array(sources.prefix(place + 1))
    result.ties = Array(ties.prefix(place + 1))
    result.values = Array(values.prefix(place + 1))
    result.marks = Array(marks.prefix(place + 1))
    return result
  }

  /// The layers that lead to one, which gives the output, and no others.
  package func leading(to place: Int) -> Graph {
    var wanted: Set<Int> = [place]
    for index in stride(from: place, through: 0, by: -1) where wanted.contains(index) {
      wanted.formUnion(sources[index].filter { $0 >= 0 })
      if let tie = ties[index] { wanted.insert(tie) }
    }
    var result = prefix(through: Self.input)
    var places: [Int: Int] = [:]
    for index in wanted.sorted() {
      places[index] = result.layers.count
      result.append(
        layers[index], reading: sources[index].map { places[$0] ?? Self.input },
        tiedTo: ties[index].flatMap { places[$0] }, value: values[index], mark: marks[index])
    }
    return result
  }

  /// The same layers with parameters to start from.
  package func starting(from values: [Matrix?]) -> Graph {
    precondition(values.count == layers.count)
    var result = self
    result.values = values
    return result
  }

  private mutating func append(
    _ layer: any Layer, reading sources: [Int], tiedTo tie: Int? = nil, value: Matrix? = nil,
    mark: Mark = Mark()
  ) {
    layers.append(layer)
    self.sources.append(sources)
    ties.append(tie)
    values.append(value)
    marks.append(mark)
  }

  /// Takes up the layers of another that are not here yet; returns the place of its last.
  private mutating func merge(_ other: Graph) -> Int {
    var places: [Int] = []
    for (index, layer) in other.layers.enumerated() {
      if let known = marks.firstIndex(where: { $0 === other.marks[index] }) {
        places.append(known)
      } else {
        append(
          layer, reading: other.sources[index].map { $0 < 0 ? $0 : places[$0] },
          tiedTo: other.ties[index].map { places[$0] }, value: other.values[index],
          mark: other.marks[index])
        places.append(layers.count - 1)
      }
    }
    return places.last ?? Self.input
  }

  /// The layers on the longest way from the input to the last layer.
  package var longestWay: [Int] {
    var lengths: [Int] = []
    func length(_ place: Int) -> Int { place < 0 ? 0 : lengths[place] }
    for reads in sources { lengths.append(1 + (reads.map(length).max() ?? 0)) }
    var way: [Int] = []
    var place = layers.count - 1
    while place >= 0 {
      way.append(place)
      place = sources[place].max { length($0) < length($1) } ?? Self.input
    }
    return way.reversed()
  }
}
