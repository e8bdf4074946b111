import Matrices

extension Machine {
  /// A layer that computes, and which one of the network's it is.
  struct Station {
    var layer: any Layer
    var index: Int
    /// The layer again, where it looks at the whole batch, joins branches, or uses the weights of
    /// another: asking for that in a step would take memory.
    var batchLayer: (any BatchLayer)?
    var joiningLayer: (any JoiningLayer)?
    var tyingLayer: (any TyingLayer)?
    /// The stations that it reads, and whether a later one has written their derivative before;
    /// below 0 stands the input.
    var sources: [(place: Int, isShared: Bool)]
    /// Its layer, where it takes the derivative of what it gives in strips, and the only station that
    /// reads it, which gives them.
    var strips: (layer: any StripLayer, source: any StripSource, reader: Int)?
    /// The layer whose weights it uses, and the stations that use its own.
    var tie: Int?
    var users: [Int] = []
    /// The rows of its parameters that rules hold for.
    var weightRanges: [Range<Int>]
    /// Whether derivatives go back through it: it, or one before it, has parameters.
    var goesBack: Bool

    var source: Int { sources[0].place }

    var width: Int { layer.parameterShape.columns }
    var isTrained: Bool { !layer.parameterShape.isEmpty }
    var isByRows: Bool {
      if case .byRows = layer.gradientPlan { isTrained } else { false }
    }
    var isByParameters: Bool { isTrained && !isByRows }
  }

  /// The layers that compute. A view stands for what it reads.
  static func stations(_ graph: Graph) -> [Station] {
    var stations: [Station] = []
    // The station whose output a layer's is.
    var places: [Int] = []
    for (index, layer) in graph.layers.enumerated() {
      let reads = graph.sources[index].map { $0 < 0 ? Graph.input : places[$0] }
      if layer.isView {
        places.append(reads[0])
        continue
      }
      places.append(stations.count)
      stations.append(
        Station(
          layer: layer, index: index, batchLayer: layer as? any BatchLayer,
          joiningLayer: layer as? any JoiningLayer, tyingLayer: layer as? any TyingLayer,
          sources: reads.map { ($0, false) }, weightRanges: layer.weightRanges,
          goesBack: !layer.parameterShape.isEmpty
            || reads.contains { $0 >= 0 && stations[$0].goesBack }))
    }
    // On the way back the last reader comes first.
    var written: Set<Int> = []
    for place in stations.indices.reversed() where stations[place].goesBack {
      for index in stations[place].sources.indices {
        let source = stations[place].sources[index].place
        stations[place].sources[index].isShared = !written.insert(source).inserted
      }
    }
    for place in stations.indices { stations[place].strips = strips(place, stations) }
    for place in stations.indices {
      guard let tie = graph.ties[stations[place].index] else { continue }
      stations[place].tie = tie
      stations[places[tie]].users.append(place)
    }
    return stations
  }

  /// How a station takes its derivative in strips: where it can, passes none on, and a single station
  /// that can give them reads it.
  private static func strips(
    _ place: Int, _ stations: [Station]
  ) -> (layer: any StripLayer, source: any StripSource, reader: Int)? {
    guard let layer = stations[place].layer as? any StripLayer, layer.takesStrips,
      stations[place].source < 0 || !stations[stations[place].source].goesBack
    else { return nil }
    let readers = stations.indices.filter { index in
      stations[index].sources.contains { $0.place == place }
    }
    guard readers.count == 1, let reader = readers.first,
      let source = stations[reader].layer as? any StripSource
    else { return nil }
    return (layer, source, reader)
  }
}
