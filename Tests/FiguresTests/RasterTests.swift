import Figures
import Matrices
import Testing

/// The fast way from points to dots sets exactly the dots of the simple one.
@Suite struct RasterTests {
  static let cases: [(name: String, values: [Double])] = [
    ("noise", noise(5000)),
    ("few points", [3, 1, 4, 1, 5]),
    ("one point", [2]),
    ("nothing", []),
    ("constant", Array(repeating: 1, count: 700)),
    ("spikes", (0..<20_000).map { $0 % 4999 == 17 ? 9 : 0.001 * Double($0 % 3) }),
    ("gaps", noise(3000).enumerated().map { $0.offset % 7 < 3 ? .nan : $0.element }),
    ("one in a hundred", noise(4000).enumerated().map { $0.offset % 100 == 0 ? $0.element : .nan }),
    ("falling", (1...100_000).map { 1 / Double($0) }),
    ("infinite", [1, .infinity, 2, -.infinity, 3]),
  ]

  static func noise(_ count: Int) -> [Double] {
    var random = Random(seed: 7)
    return (0..<count).map { _ in random.uniform() * 4 - 1 }
  }

  @Test(arguments: cases.map(\.name), [false, true])
  func fastIsSimpleDotForDot(_ name: String, _ logarithmic: Bool) throws {
    let values = try #require(Self.cases.first { $0.name == name }).values
    let points = values.enumerated().map { PlotPoint(x: Double($0.offset), y: $0.element) }
    for (width, height) in [(1, 1), (7, 4), (120, 48), (333, 200)] {
      let scale = PlotScale(
        x: 0...Double(max(1, values.count - 1)), y: (logarithmic ? 0.001 : -1)...9,
        logarithmic: logarithmic, width: width, height: height)
      #expect(Raster.path(points, scale) == Raster.naive(points, scale))
    }
  }

  @Test func pointsThatRunBackAreJoinedToo() {
    let points = [(0.0, 0.0), (9, 9), (3, 5), (3, 1), (8, 2)].map { PlotPoint(x: $0.0, y: $0.1) }
    let scale = PlotScale(x: 0...9, y: 0...9, width: 40, height: 40)
    #expect(Raster.path(points, scale) == Raster.naive(points, scale))
  }

  @Test func bucketsThatLieInOneColumnLoseNothing() {
    // 65,536 numbers in buckets of 64 or 128, on 64 columns of 1024 numbers each.
    let values = Self.noise(65_536)
    let store = SeriesStore(values)
    let exact = values.enumerated().map { PlotPoint(x: Double($0.offset + 1), y: $0.element) }
    // Columns are rounded to the nearest: half a column of numbers is left out at either end.
    let scale = PlotScale(
      x: 512.5...Double(63 * 1024) + 512.5, y: -1...3, width: 64, height: 96)
    #expect(Raster.path(store.points, scale) == Raster.path(exact, scale))
  }

  @Test func aStraightLineIsOneDotThick() {
    var points = [PlotPoint(x: 0, y: 0), PlotPoint(x: 1, y: 1)]
    for (width, height) in [(50, 20), (20, 50), (30, 30)] {
      let scale = PlotScale(x: 0...1, y: 0...1, width: width, height: height)
      #expect(Raster.path(points, scale).count == max(width, height))
    }
    points.swapAt(0, 1)
    let scale = PlotScale(x: 0...1, y: 0...1, width: 50, height: 20)
    #expect(Raster.path(points, scale).count == 50)
  }
}
