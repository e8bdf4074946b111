import Testing

import Builtins

/// The fingerprints of pseudonyms, against the standards' own values.
@Suite struct KeyedHashTests {
  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func hash(_ message: [UInt8]) -> String {
    var hash = SHA256()
    hash.take(message)
    return hexadecimal(hash.digest())
  }

  /// NIST's examples for FIPS 180-4, and the borders of the padding.
  @Test func hashesAreThoseOfTheStandard() {
    #expect(
      hash(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      hash([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      hash(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      hash(Array(repeating: 97, count: 100_000))
        == "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee")
  }

  /// RFC 4231: cases 1, 2, 3 and 6 (a key longer than a block).
  @Test func codesAreThoseOfTheStandard() {
    func code(_ key: [UInt8], _ message: [UInt8]) -> String {
      hexadecimal(KeyedHash(key: key).code(of: message))
    }
    #expect(
      code(Array(repeating: 0x0B, count: 20), Array("Hi There".utf8))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      code(Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      code(Array(repeating: 0xAA, count: 20), Array(repeating: 0xDD, count: 50))
        == "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
    #expect(
      code(
        Array(repeating: 0xAA, count: 131),
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }
}
