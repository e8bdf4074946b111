import Testing

import Matrices

/// Bits and noise for private training.
@Suite struct ChaChaTests {
  /// RFC 8439, section 2.3.2: a key of the bytes 0 to 31, block 1, the nonce 09 … 4a ….
  @Test func blocksAreThoseOfTheStandard() {
    let generator = ChaCha(key: [
      0x0302_0100, 0x0706_0504, 0x0B0A_0908, 0x0F0E_0D0C, 0x1312_1110, 0x1716_1514, 0x1B1A_1918,
      0x1F1E_1D1C,
    ])
    let found = generator.block(0x0900_0000_0000_0001, stream: 0x4A00_0000)
    let expected: [UInt32] = [
      0xE4E7_F110, 0x1559_3BD1, 0x1FDD_0F50, 0xC471_20A3, 0xC7F4_D1C7, 0x0368_C033, 0x9AAA_2204,
      0x4E6C_D4C3, 0x4664_82D2, 0x09AA_9F07, 0x05D7_C214, 0xA202_8BD9, 0xD19C_12B5, 0xB94E_16DE,
      0xE883_D0CB, 0x4E3C_50A2,
    ]
    #expect(found == expected)
  }

  private func noise(_ count: Int, _ precision: Precision, stream: UInt64 = 1) -> Matrix {
    let result = Matrix.zeros(1, count, precision)
    result.withBlock {
      $0.addNoise(ChaCha(insecureSeed: 7), stream: stream, first: 0, deviation: 2)
    }
    return result
  }

  @Test func noiseIsNormal() {
    let numbers = noise(200_000, .double).elements
    let count = Double(numbers.count)
    let mean = numbers.reduce(0, +) / count
    let variance = numbers.reduce(0) { $0 + $1 * $1 } / count
    let fourth = numbers.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
    #expect(abs(mean) < 0.02)
    #expect(abs(variance - 4) < 0.05)
    #expect(abs(fourth / (variance * variance) - 3) < 0.06)
    // Parts of the line have the shares that a normal distribution gives them.
    for (bound, share) in [(-2.0, 0.158655), (0, 0.5), (1, 0.691462), (4, 0.97725)] {
      let found = Double(numbers.count(where: { $0 < bound })) / count
      #expect(abs(found - share) < 0.004)
    }
    // Neighbours, which come from one radius or one block, know nothing of each other.
    for distance in [1, 8, 16] {
      let together =
        zip(numbers, numbers.dropFirst(distance)).reduce(0) { $0 + $1.0 * $1.1 } / count
      #expect(abs(together) < 0.05)
    }
    #expect(noise(64, .double, stream: 2).elements != Array(numbers.prefix(64)))
  }

  @Test func noiseOfAPartIsPartOfTheNoise() {
    for precision in [Precision.single, .double] {
      let whole = noise(77, precision)
      let parts = Matrix.zeros(1, 77, precision)
      parts.withBlock { block in
        for range in [0..<32, 32..<48, 48..<77] {
          block.columns(in: range).addNoise(
            ChaCha(insecureSeed: 7), stream: 1, first: range.lowerBound, deviation: 2)
        }
      }
      #expect(whole.elements == parts.elements)
    }
  }

  @Test func keysOfTheSystemDiffer() {
    #expect(ChaCha().block(0, stream: 0) != ChaCha().block(0, stream: 0))
  }

  @Test func samplesHaveTheirProbability() {
    let generator = ChaCha(insecureSeed: 3)
    var taken: [Int] = []
    var counts = Array(repeating: 0, count: 100)
    for stream in 0..<4000 as Range<UInt64> {
      generator.sample(100, probability: 0.05, stream: stream, into: &taken)
      #expect(taken == taken.sorted() && Set(taken).count == taken.count)
      for place in taken { counts[place] += 1 }
    }
    #expect(counts.allSatisfy { abs($0 - 200) < 70 })
    #expect(abs(counts.reduce(0, +) - 20_000) < 600)
    generator.sample(70, probability: 1, stream: 0, into: &taken)
    #expect(taken == Array(0..<70))
    generator.sample(70, probability: 0, stream: 0, into: &taken)
    #expect(taken.isEmpty)
  }
}
