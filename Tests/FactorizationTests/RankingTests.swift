import Factorization
import Glibc
import Matrices
import Testing
import Training
import Vocabulary

/// The measures of a ranking, and the parts of a table that they are taken on.
@Suite struct RankingTests {
  static func table(_ rows: [(Double, Double, Double)]) -> RatingsTable {
    RatingsTable(
      users: rows.map { .number($0.0) }, items: rows.map { .number($0.1) }, values: rows.map(\.2))
  }

  /// A model that likes items in the order of their numbers, the same for every user.
  static func orderly(seen: [(Double, Double, Double)]) throws -> RatingsModel {
    var rows: [(Double, Double, Double)] = []
    for user in 100..<130 {
      for item in 1...6 { rows.append((Double(user), Double(item), 6 - Double(item))) }
    }
    var options = MFOptions(rank: 1, l2: 0.1, iterations: 20, tolerance: 0)
    options.seed = 1
    return try RatingsModel.fit(table(rows + seen), options, loop: TrainingLoop())
  }

  @Test func measuresAreThoseOfTheRanks() throws {
    // User 1 has seen item 2: the ranking is 1, 3, 4, 5, 6. Relevant: 3 and 6, at ranks 2 and 5;
    // and 99, which training has never seen.
    let model = try Self.orderly(seen: [(1, 2, 4)])
    let test = Self.table([(1, 3, 5), (1, 6, 5), (1, 99, 5), (1, 4, 1), (555, 1, 5)])
    let ranking = Ranking(model, test, first: 3, threshold: 4)
    #expect(ranking.users == 1)
    #expect(abs(ranking.precision - 1.0 / 3) < 1e-12)
    #expect(abs(ranking.recall - 1.0 / 3) < 1e-12)
    #expect(abs(ranking.averagePrecision - (1.0 / 2) / 3) < 1e-12)
    let best = 1 / log2(2.0) + 1 / log2(3.0) + 1 / log2(4.0)
    #expect(abs(ranking.gain - (1 / log2(3.0)) / best) < 1e-12)
    #expect(abs(ranking.reciprocalRank - 0.5) < 1e-12)
    // Item 3 is above 4 and 5 of the three others, item 6 above none, 99 above none: 2 of 9.
    #expect(abs(ranking.area - 2.0 / 9) < 1e-12)
    #expect(abs(ranking.coverage - 3.0 / 6) < 1e-12)
  }

  @Test func aPerfectRankingIsPerfect() throws {
    let model = try Self.orderly(seen: [(1, 6, 0)])
    let ranking = Ranking(model, Self.table([(1, 1, 5), (1, 2, 5)]), first: 2)
    #expect(ranking.precision == 1 && ranking.recall == 1 && ranking.averagePrecision == 1)
    #expect(ranking.gain == 1 && ranking.reciprocalRank == 1 && ranking.area == 1)
  }

  @Test func itemsOfTrainingAreNotLookedFor() throws {
    let model = try Self.orderly(seen: [(1, 6, 0), (2, 1, 5)])
    // 6 of user 1 and 1 of user 2 were rated before; 1 of user 1 stands there twice.
    let test = Self.table([(1, 1, 5), (1, 1, 4), (1, 6, 5), (2, 1, 5)])
    let ranking = Ranking(model, test, first: 1)
    #expect(ranking.users == 1 && ranking.recall == 1 && ranking.averagePrecision == 1)
    #expect(Ranking(model, Self.table([(2, 1, 5)]), first: 1).users == 0)
  }

  @Test(arguments: ["random", "user", "last"]) func partsMakeTheWhole(_ way: String) throws {
    let (whole, _) = RatingsTests.planted(30, 20, seed: 61)
    let (first, rest) = try whole.split(0.75, by: way, Random(seed: 5))
    let (a, b) = try (
      #require(RatingsTable.from(first)), #require(RatingsTable.from(rest))
    )
    #expect(a.entries.count + b.entries.count == whole.entries.count)
    #expect(abs(Double(a.entries.count) / Double(whole.entries.count) - 0.75) < 0.05)
    func names(_ table: RatingsTable) -> [String] {
      (0..<table.entries.count).map { place in
        "\(table.users.all[Int(table.entries.rows[place])]) "
          + "\(table.items.all[Int(table.entries.columns[place])]) \(table.entries.values[place])"
      }
    }
    #expect((names(a) + names(b)).sorted() == names(whole).sorted())
    let again = try whole.split(0.75, by: way, Random(seed: 5))
    #expect(names(try #require(RatingsTable.from(again.0))) == names(a))
    guard way != "random" else { return }
    // Of every user with several ratings both parts have some; "last" has the later ones.
    #expect(a.users.count == whole.users.count)
    if way == "last" {
      let order = Dictionary(
        uniqueKeysWithValues: names(whole).enumerated().map { ($0.element, $0.offset) })
      for user in b.users.all {
        let mine = { (table: RatingsTable) in
          names(table).filter { $0.hasPrefix("\(user) ") }.compactMap { order[$0] }
        }
        #expect(mine(a).max() ?? -1 < mine(b).min() ?? .max)
      }
    }
  }

  @Test func aMatrixWithGapsIsATableOfRatings() throws {
    var random = Random(seed: 62)
    let (w, h) = (random.normal(20, 2), random.normal(2, 15))
    let whole = w * h
    var gaps = whole
    for row in 0..<20 {
      gaps.replace(rows: [row], columns: [(row * 7) % 15], with: Matrix(.nan))
    }
    let table = try #require(try RatingsTable(withGaps: .matrix(gaps)))
    #expect(table.entries.count == 20 * 14)
    var options = MFOptions(rank: 2, l2: 1e-6, iterations: 60, tolerance: 0)
    options.bias = false
    let model = try RatingsModel.fit(table, options, loop: TrainingLoop())
    for row in 0..<20 {
      let column = (row * 7) % 15
      let guess = model.prediction(.number(Double(row + 1)), .number(Double(column + 1)))
      let range = table.range
      let truth = min(max(whole[row, column], range.lowerBound), range.upperBound)
      #expect(abs(guess - truth) < 1e-3)
    }
    #expect(try RatingsTable(withGaps: .matrix(whole)) == nil)
    #expect(throws: Problem.self) { try RatingsTable(withGaps: .matrix(Matrix([[.nan, .nan]]))) }
  }
}
