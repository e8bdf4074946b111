import Figures
import Matrices
import Testing
import Vocabulary

/// Matrices as colours on every kind of terminal.
@Suite struct HeatmapTests {
  @Test func withoutColoursShadesTellTheNumbers() {
    let text = Picture.heatmap(
      Matrix([[0, 1], [2, 3]]), width: 4, height: 3, drawing: .plain)
    #expect(text == "  ░░\n▓▓██")
    let ascii = Picture.heatmap(
      Matrix([[0, 9]]), width: 4, height: 1, drawing: Drawing(color: .none, unicode: false))
    #expect(ascii == "  @@")
  }

  @Test func halfBlocksShowTwoPixelsACell() {
    var canvas = Canvas(width: 2, height: 1, drawing: Drawing(color: .ansi256, unicode: true))
    Heatmap(Matrix([[0, 1], [1, 1]])).draw(on: &canvas, in: canvas.area)
    let (dark, bright) = (Paint.palette(17), Paint.palette(228))
    #expect(canvas[0, 0] == Cell("▀", Style(dark, on: bright)))
    #expect(canvas[1, 0] == Cell(" ", Style(on: bright)))
  }

  @Test func whatIsNotFiniteIsHatchedAndCounted() {
    let text = Picture.heatmap(
      Matrix([[1, .nan], [.infinity, 2]]), width: 40, height: 4, drawing: .plain)
    #expect(text.contains("╱"))
    #expect(text.hasSuffix("2  2 not finite"))
  }

  @Test func theBarSaysWhatIsLeftOut() {
    let text = Picture.heatmap(
      .ones(500, 300), width: 60, height: 5, drawing: .plain)
    #expect(text.hasSuffix("means of 500×300"))
    #expect(text.split(separator: "\n").count == 5)
  }

  @Test func signedNumbersRunBothWays() {
    let scale = ColorScale(for: Matrix([[-1, 0, 3]]))
    #expect(scale.isSigned && scale.low == -3 && scale.high == 3)
    #expect(!ColorScale(for: Matrix([[0, 3]])).isSigned)
    #expect(ColorScale(nil, signed: true) == ColorScale(-1...1, signed: true))
  }

  @Test(arguments: [Drawing.Color.eight, .ansi256, .truecolor])
  func aRampRisesStepByStep(_ color: Drawing.Color) {
    for ramp in [Ramp.sequential, .diverging] {
      let paints = (0...100).compactMap { ramp.paint(Double($0) / 100, color) }
      #expect(paints.count == 101)
      #expect(color == .truecolor || Set(paints).count == ramp.steps(color))
      #expect(color == .truecolor || ramp.steps(color) <= 32)
      // A colour that was left does not come back.
      let changes = zip(paints, paints.dropFirst()).count { $0 != $1 }
      #expect(changes == Set(paints).count - 1)
    }
    #expect(Ramp.sequential.paint(0.5, .none) == nil)
  }

  @Test func theSequentialRampRisesInLightness() {
    let lightness = (0...50).compactMap { step -> Double? in
      guard case .rgb(let r, let g, let b)? = Ramp.sequential.paint(Double(step) / 50, .truecolor)
      else { return nil }
      return 0.2126 * Double(r) + 0.7152 * Double(g) + 0.0722 * Double(b)
    }
    #expect(zip(lightness, lightness.dropFirst()).allSatisfy { $0 <= $1 + 0.5 })
  }

  @Test func fortyNineTilesFitAWideTerminal() {
    let grid = TileGrid(.ones(49, 784), tileShape: Shape(28, 28))
    let drawing = Drawing(color: .ansi256, unicode: true)
    let layout = grid.layout(width: 100, height: 40, drawing)
    #expect(layout?.count ?? 0 >= 49)
    #expect(layout.map { $0.stride.columns * $0.across - 1 <= 100 } ?? false)
    #expect(layout.map { $0.stride.rows * $0.down - 1 <= 40 } ?? false)
    let small = grid.layout(width: 40, height: 18, drawing)
    #expect(small.map { $0.count < 49 && $0.tile.rows >= 7 } ?? false)
    #expect(grid.layout(width: 3, height: 2, drawing) == nil)
  }

  @Test func tilesAreDrawnEachOnItsOwnScale() {
    let tiles = Matrix([[0, 1, 1, 0], [0, 0, 0, 100]])
    let text = Picture.tiles(
      tiles, tileShape: Shape(2, 2), width: 9, height: 3, drawing: .plain)
    #expect(text == "  ██\n██     ██")
    var shared = TileGrid(tiles, tileShape: Shape(2, 2))
    shared.sharesScale = true
    var canvas = Canvas(width: 9, height: 2, drawing: .plain)
    #expect(shared.draw(on: &canvas, in: canvas.area) == 0..<2)
    #expect(canvas.text == "\n       ██")
  }

  @Test func everySizeIsDrawnWithoutATrap() {
    for drawing in [
      Drawing.plain, Drawing(color: .none, unicode: false), Drawing(color: .eight, unicode: true),
      Drawing(color: .ansi256, unicode: true), Drawing(color: .truecolor, unicode: true),
      Drawing(color: .eight, unicode: false),
    ] {
      for (width, height) in [(0, 0), (1, 1), (2, 2), (7, 3), (80, 24)] {
        for matrix in [Matrix.zeros(0, 0), .ones(1, 1), .ones(3, 500), .ones(500, 3)] {
          let text = Picture.heatmap(matrix, width: width, height: height, drawing: drawing)
          #expect(
            text.split(separator: "\n", omittingEmptySubsequences: false).count <= max(1, height))
          _ = Picture.tiles(
            matrix, tileShape: Shape(1, matrix.columns), width: width, height: height,
            drawing: drawing)
        }
      }
    }
  }
}
