import Autodiff
import Matrices

/// Which blocks a machine needs, and how they are cut from its memory: written down once as
/// shapes, then taken in the same order.
struct Plan {
  private(set) var shapes: [Shape] = []
  private let stations: [Machine.Station]
  private let parameters: Parameters
  private let rows: Int
  private let pieceRows: Int
  private let pieces: Int
  private let targetColumns: Int?
  private let slots: Int
  private let scratch: Int
  private let spare: Int
  /// Part 2 reads the outputs of these stations (the input: `Graph.input`).
  private let isRead: Set<Int>

  init(
    _ stations: [Machine.Station], _ parameters: Parameters, rows: Int, pieceRows: Int,
    pieces: Int, desks: Int, targetColumns: Int?, slots: Int
  ) {
    self.stations = stations
    self.parameters = parameters
    self.rows = rows
    self.pieceRows = pieceRows
    self.pieces = pieces
    self.targetColumns = targetColumns
    self.slots = slots
    scratch = stations.map { $0.layer.scratch(rows: pieceRows) }.max() ?? 0
    spare =
      stations.filter { $0.joiningLayer == nil && $0.source >= 0 && $0.sources[0].isShared }
      .map(\.layer.inputs).max() ?? 0
    isRead = Set(stations.filter(\.isByParameters).map(\.source))
    // A first walk only notes the shapes.
    _ = prepared(from: nil)
    if targetColumns != nil { _ = training(from: nil) }
    for _ in 0..<desks { _ = desk(from: nil, isTraining: targetColumns != nil) }
  }

  private mutating func take(_ rows: Int, _ columns: Int, _ workspace: Workspace?) -> Block {
    let shape = Shape(rows, columns)
    guard let workspace else {
      shapes.append(shape)
      return parameters.all.columns(in: 0..<0)
    }
    return workspace.take(shape)
  }

  mutating func prepared(from workspace: Workspace?) -> [Block] {
    stations.map { station in
      let isAsked = !station.layer.preparesWayBack || targetColumns != nil && hasSlope(station)
      return take(1, isAsked ? station.layer.preparedCount : 0, workspace)
    }
  }

  /// Whether the derivative in what a station reads is wanted.
  private func hasSlope(_ station: Machine.Station) -> Bool {
    station.source >= 0 && stations[station.source].goesBack
  }

  mutating func training(from workspace: Workspace?) -> Machine.Training {
    let size = parameters.all.columns
    let targets = take(rows, targetColumns ?? 0, workspace)
    let input = isRead.contains(Graph.input) ? take(rows, stations[0].layer.inputs, workspace) : nil
    var (outputs, deltas): ([Block?], [Block?]) = ([], [])
    var (partials, statistics): ([Block?], [Block?]) = ([], [])
    for (place, station) in stations.enumerated() {
      let width = station.layer.outputs
      outputs.append(isRead.contains(place) ? take(rows, width, workspace) : nil)
      deltas.append(station.isByParameters ? take(rows, width, workspace) : nil)
      partials.append(
        station.isByRows ? take(pieces, station.layer.parameterShape.count, workspace) : nil)
      statistics.append(
        station.batchLayer.map { take(2 * (pieces + 1), $0.statisticsCount, workspace) })
    }
    let gradient = take(1, size, workspace)
    let state = take(slots, size, workspace)
    return Machine.Training(
      targets: targets, input: input, outputs: outputs, deltas: deltas, partials: partials,
      statistics: statistics, gradient: gradient,
      gradients: workspace == nil ? [] : parameters.shaped(gradient), state: state,
      pieces: Machine.pieces(stations, parameters))
  }

  mutating func desk(from workspace: Workspace?, isTraining: Bool) -> Machine.Desk {
    let input = take(
      isTraining && !isRead.contains(Graph.input) ? pieceRows : 0,
      stations.first?.layer.inputs ?? 0, workspace)
    var (outputs, deltas, kept): ([Block], [Block], [Block]) = ([], [], [])
    for (place, station) in stations.enumerated() {
      let width = station.layer.outputs
      outputs.append(take(isTraining && isRead.contains(place) ? 0 : pieceRows, width, workspace))
      let isWhole = isTraining && !station.isByParameters && station.strips == nil
      deltas.append(take(isWhole ? pieceRows : 0, width, workspace))
      kept.append(take(pieceRows, station.layer.keptColumns, workspace))
    }
    return Machine.Desk(
      input: input, outputs: outputs, deltas: deltas, kept: kept,
      scratch: take(1, scratch, workspace), spare: take(1, pieceRows * spare, workspace))
  }
}
