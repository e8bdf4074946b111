import Figures
import LiveView
import Training
import Testing
import Vocabulary

/// What keys do, and what is drawn.
@Suite struct LiveViewModelTests {
  func drawn(
    _ model: LiveViewModel, _ width: Int, _ height: Int, _ drawing: Drawing = .plain
  ) -> Canvas {
    var (model, canvas) = (model, Canvas(width: width, height: height, drawing: drawing))
    model.draw(on: &canvas)
    return canvas
  }

  func model(metrics: [String] = [], tiles: Int = 49) -> LiveViewModel {
    var model = LiveViewModel()
    model.run = stateInTheMiddle(metrics: metrics, tiles: tiles)
    model.elapsed = 12.5
    return model
  }

  @Test func keysChangeWhatIsShown() {
    var model = model(metrics: ["accuracy"])
    #expect(model.press(.letter("l")) == nil && model.isLogarithmic)
    #expect(model.press(.letter("r")) == nil && model.showsRecent)
    #expect(model.press(.letter("f")) == nil && model.sharesScale)
    #expect(model.press(.letter("m")) == nil && model.curve == 1)
    #expect(model.press(.letter("m")) == nil && model.curve == 0)
    #expect(model.press(.letter("2")) == nil && model.focus == .picture)
    #expect(model.press(.letter("2")) == nil && model.focus == nil)
    #expect(model.press(.other) == nil && model.press(.letter("é")) == nil)
  }

  @Test func tabGoesRoundThePanes() {
    var model = model()
    var seen: [LiveViewModel.Pane?] = []
    for _ in 0..<4 {
      _ = model.press(.tab)
      seen.append(model.focus)
    }
    #expect(seen == [.curve, .picture, .numbers, nil])
    _ = model.press(.backTab)
    #expect(model.focus == .numbers)
  }

  @Test func keysAskTheRun() {
    var model = model()
    #expect(model.press(.letter("n")) == .pause(true))
    #expect(model.press(.letter("n")) == .step)
    #expect(model.press(.letter(" ")) == .pause(false))
    #expect(model.press(.letter("v")) == .leave)
    #expect(model.press(.escape) == .leave)
    #expect(model.press(.letter("\u{0C}")) == .redraw)
    #expect(model.press(.letter("s")) == .stop && model.isStopping)
    #expect(model.press(.letter("q")) == .stop)
    #expect(model.interrupt() == .stop)
  }

  @Test func anyKeyClosesTheHelp() {
    var model = model()
    _ = model.press(.letter("?"))
    #expect(drawn(model, 80, 24).text.contains("any key closes"))
    #expect(model.press(.letter("v")) == nil && !model.showsHelp)
    _ = model.press(.letter("?"))
    // Stopping is never in the way of anything.
    #expect(model.press(.letter("q")) == .stop)
  }

  @Test func arrowsTurnThePages() {
    var model = model()
    var canvas = Canvas(width: 80, height: 24, drawing: Drawing(color: .ansi256, unicode: true))
    model.draw(on: &canvas)
    let page = model.shownTiles
    #expect(page > 0 && page < 49)
    _ = model.press(.right)
    #expect(model.firstTile == min(page, 49 - page))
    for _ in 0..<9 { _ = model.press(.right) }
    #expect(model.firstTile == 49 - page)
    for _ in 0..<9 { _ = model.press(.left) }
    #expect(model.firstTile == 0)
  }

  @Test(arguments: [(60, 16), (80, 24), (160, 50), (61, 200), (300, 20)])
  func everyPartIsThere(_ width: Int, _ height: Int) {
    for metrics in [[], ["accuracy", "validation relative error"]] {
      let text = drawn(model(metrics: metrics), width, height).text
      for words in [
        "nmf 10000×784, rank 49", "running", "1 relative error", "2 parts", "iteration 50/200",
        "25 %", "4 it/s", "ETA 0:38", "0.41", "space", "stop & keep", "keys",
      ] {
        #expect(text.contains(words), "\(words) at \(width)×\(height)")
      }
    }
  }

  @Test func smallTerminalsGetTheEssentials() {
    let text = drawn(model(), 40, 8).text
    #expect(
      text == """
        nmf 10000×784, rank 49
        iteration 50/200
        relative error 0.41
        running
        s stop and keep
        60×16 shows more


        """ || text.hasPrefix("nmf 10000×784, rank 49\niteration 50/200\nrelative error 0.41"))
  }

  @Test func everySizeCanBeDrawn() {
    var focused = [model(), model(metrics: ["a", "b", "c"]), model(tiles: 0), LiveViewModel()]
    for start in focused {
      for key in ["1", "2", "3", "?", "l", "r", " ", "q"] as [Character] {
        var model = start
        _ = model.press(.letter(key))
        focused.append(model)
      }
    }
    let drawings = [
      Drawing.plain, Drawing(color: .none, unicode: false), Drawing(color: .eight, unicode: true),
      Drawing(color: .ansi256, unicode: true),
    ]
    for (width, height) in [
      (0, 0), (1, 1), (2, 50), (59, 16), (60, 15), (60, 16), (81, 23), (200, 60),
    ] {
      for (place, model) in focused.enumerated() {
        let canvas = drawn(model, width, height, drawings[place % drawings.count])
        #expect(canvas.cells.count == width * height)
      }
    }
  }

  @Test func anAsciiTerminalGetsAsciiAlone() {
    let text = drawn(model(metrics: ["a"]), 80, 24, Drawing(color: .none, unicode: false)).text
    let isPlain = text.unicodeScalars.allSatisfy { $0.isASCII }
    #expect(isPlain)
    #expect(!text.contains("?  ?"))
  }

  @Test func aStandardTerminalAsDrawn() throws {
    let text = drawn(model(), 80, 24).text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 24)
    #expect(
      lines[0] == " nmf 10000×784, rank 49                                       ▶ running  12.5 s"
    )
    #expect(lines[1].hasPrefix("╭─ 1 relative error ──"))
    #expect(lines[21] == " iteration 50/200 ━━━━━━━───────────────────────  25 %  4 it/s  ETA 0:38")
    #expect(lines[22] == " relative error 0.41   best 0.41 at 50   change −2.0e-04")
    #expect(
      lines[23] == " space pause  n step  s stop & keep  l log  Tab pane  v leave  ? keys")
  }

  @Test func thePictureWaitsForTheFirstOne() {
    let text = drawn(model(tiles: 0), 80, 24).text
    #expect(!text.contains("2 "))
  }
}
