import Figures
import Matrices
import Testing
import Vocabulary

/// Series and curves: nothing that happened is lost, however many points there are.
@Suite struct CurveTests {
  @Test func fewNumbersAreKeptOneByOne() {
    let store = SeriesStore([3, 1, 2])
    #expect(store.buckets.map(\.last) == [3, 1, 2])
    #expect(store.recent == [3, 1, 2])
    #expect(store.last == 2)
    #expect(store.bounds == 1...3)
  }

  @Test func memoryStaysFixedAndTheRangeExact() {
    var store = SeriesStore()
    for step in 0..<1_000_000 { store.append(step == 654_321 ? -7 : Double(step % 10)) }
    #expect(store.count == 1_000_000)
    #expect(store.buckets.count <= SeriesStore.capacity)
    #expect(store.buckets.reduce(0) { $0 + $1.count } == 1_000_000)
    #expect(store.bounds == -7...9)
    #expect(store.recent.count == SeriesStore.recentCapacity)
    #expect(store.recent.first == 0 && store.recent.last == 9)
    let spiked = store.buckets.firstIndex { $0.minimum == -7 }
    #expect(spiked == 654_321 / store.span)
  }

  @Test func whatIsNotFiniteIsCountedAndLeavesAGap() {
    let store = SeriesStore([1, .nan, 2, .infinity])
    #expect(store.voids == 2)
    #expect(store.buckets.map(\.isGap) == [false, true, false, true])
    #expect(store.bounds == 1...2)
  }

  @Test func oneSpikeInTenMillionPointsIsVisible() {
    var store = SeriesStore()
    for step in 0..<10_000_000 { store.append(step == 7_000_003 ? 1 : 0) }
    let lines = Picture.curves(
      [Curve("loss", store)], width: 60, height: 10, drawing: .plain
    ).split(separator: "\n", omittingEmptySubsequences: false)
    let column = lines[1].firstIndex { $0 >= "\u{2801}" && $0 <= "\u{28FF}" }
    let place = column.map { lines[1].distance(from: lines[1].startIndex, to: $0) } ?? 0
    // The plot starts after the gutter of 5 columns; the spike stands at 70 % of the rest.
    #expect((43...45).contains(place))
  }

  @Test(arguments: [Glyphs.braille, .blocks, .ascii])
  func theLettersOfACurve(_ glyphs: Glyphs) {
    var plot = CurvePlot([Curve(x: [0, 1], y: [0, 1])])
    plot.glyphs = glyphs
    var canvas = Canvas(width: 8, height: 2, drawing: .plain)
    plot.draw(on: &canvas, in: canvas.area)
    let wanted =
      switch glyphs {
      case .braille: "    ⣀⠤⠒⠉\n⡠⠔⠊⠉"
      case .blocks: "    ▄▄▞▀\n▄▞▀▀"
      case .ascii: "    .-''\n.-''"
      }
    #expect(canvas.text == wanted)
  }

  @Test func tinyAreasAndEmptySeriesAreDrawn() {
    for (width, height) in [(0, 0), (1, 1), (2, 3), (19, 4), (20, 5)] {
      for curve in [
        Curve("a", SeriesStore()), Curve("b", SeriesStore([1])),
        Curve("c", SeriesStore([.nan, .nan])), Curve("d", SeriesStore([5, 5, 5])),
        Curve("e", SeriesStore([-1e300, 1e300])), Curve("f", SeriesStore([0, -1])),
      ] {
        for logarithmic in [false, true] {
          let text = Picture.curves(
            [curve], logarithmic: logarithmic, width: width, height: height, drawing: .plain)
          #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
        }
      }
    }
  }

  @Test func anAxisHasRoundTicks() {
    #expect(Ticks.linear(0...200, limit: 5).labels == ["0", "50", "100", "150", "200"])
    #expect(Ticks.linear(0.31...0.62, limit: 4).labels == ["0.4", "0.5", "0.6"])
    #expect(Ticks.linear(-1...1, limit: 3).labels == ["-1", "0", "1"])
    #expect(
      Ticks.logarithmic(1e-4...1, limit: 5).labels == ["0.0001", "0.001", "0.01", "0.1", "1"])
    #expect(Ticks.logarithmic(0.1...2, limit: 6).labels == ["0.1", "0.2", "0.5", "1", "2"])
    #expect(Ticks.linear(5...5, limit: 3).values == [])
  }

  @Test func aPlotWithAxesAsText() {
    let text = Picture.curves(
      [Curve("loss", SeriesStore([8, 4, 2, 1, 1, 1]))], title: "loss", width: 30, height: 8,
      drawing: .plain)
    #expect(
      text == """
        loss
         8┤⠢⡀
         6┤ ⠈⠢⡀
         4┤   ⠈⠢⣀
          │      ⠉⠒⠤⣀
         2┤          ⠉⠉⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤
          └─────┬──────────┬─────────┬
                2          4         6
        """)
  }

  @Test func barsAreAsLongAsTheirNumbers() {
    let text = Picture.bars(
      labels: ["a", "bb"], values: [2, 1], width: 12, height: 5, drawing: .plain)
    #expect(text == " a │██████ 2\nbb │███ 1")
  }

  @Test func aHistogramCountsEveryNumberOnce() {
    let bars = BarPlot.histogram([0, 0.1, 0.2, 0.95, 1, .nan], bins: 5)
    #expect(bars.labels == ["0", "0.5", "1"])
    #expect(bars.values == [3, 1, 1])
    #expect(BarPlot.histogram([], bins: 5).values == [])
    #expect(BarPlot.histogram([4, 4], bins: 5).values == [2])
  }
}
