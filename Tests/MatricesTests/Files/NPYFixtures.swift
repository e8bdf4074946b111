import Foundation

/// Files that NumPy 2.4 wrote with `numpy.lib.format.write_array(file, array, version=version)`,
/// each with the expression that made the array.
struct NPYFixture: Sendable {
  var python: String
  var rows: Int
  var columns: Int
  var elements: [Double]
  var base64: String

  var bytes: [UInt8] {
    Array(Data(base64Encoded: base64, options: .ignoreUnknownCharacters) ?? Data())
  }

  static let all = [
    NPYFixture(
      python: "np.array([[1.5, -2, 3], [4, 5, 6e300]])", rows: 2, columns: 3,
      elements: [1.5, -2.0, 3.0, 4.0, 5.0, 6e+300],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMp
        LCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AAD4PwAAAAAAAADAAAAAAAAACEAAAAAAAAAQQAAAAAAAABRANVgAZi3rYX4=
        """),
    NPYFixture(
      python: "np.array([[1.5, -2, 3], [4, 5, 6]], dtype='<f4')", rows: 2, columns: 3,
      elements: [1.5, -2.0, 3.0, 4.0, 5.0, 6.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMp
        LCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/
        AAAAwAAAQEAAAIBAAACgQAAAwEA=
        """),
    NPYFixture(
      python: "np.array([[1.5, -2, 3], [4, 5, 6]], dtype='>f8')", rows: 2, columns: 3,
      elements: [1.5, -2.0, 3.0, 4.0, 5.0, 6.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMp
        LCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/+AAA
        AAAAAMAAAAAAAAAAQAgAAAAAAABAEAAAAAAAAEAUAAAAAAAAQBgAAAAAAAA=
        """),
    NPYFixture(
      python: "np.asfortranarray(np.array([[1., 2, 3], [4, 5, 6]]))", rows: 2, columns: 3,
      elements: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyks
        IH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AADwPwAAAAAAABBAAAAAAAAAAEAAAAAAAAAUQAAAAAAAAAhAAAAAAAAAGEA=
        """),
    NPYFixture(
      python: "np.arange(24.).reshape(2, 3, 4)", rows: 2, columns: 12,
      elements: [
        0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0,
        17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0,
      ],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMs
        IDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AAAAAAAAAAAAAPA/AAAAAAAAAEAAAAAAAAAIQAAAAAAAABBAAAAAAAAAFEAAAAAAAAAYQAAAAAAAABxAAAAAAAAA
        IEAAAAAAAAAiQAAAAAAAACRAAAAAAAAAJkAAAAAAAAAoQAAAAAAAACpAAAAAAAAALEAAAAAAAAAuQAAAAAAAADBA
        AAAAAAAAMUAAAAAAAAAyQAAAAAAAADNAAAAAAAAANEAAAAAAAAA1QAAAAAAAADZAAAAAAAAAN0A=
        """),
    NPYFixture(
      python: "np.asfortranarray(np.arange(24.).reshape(2, 3, 4))", rows: 2, columns: 12,
      elements: [
        0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0,
        17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0,
      ],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywg
        NCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AAAAAAAAAAAAAChAAAAAAAAAEEAAAAAAAAAwQAAAAAAAACBAAAAAAAAANEAAAAAAAADwPwAAAAAAACpAAAAAAAAA
        FEAAAAAAAAAxQAAAAAAAACJAAAAAAAAANUAAAAAAAAAAQAAAAAAAACxAAAAAAAAAGEAAAAAAAAAyQAAAAAAAACRA
        AAAAAAAANkAAAAAAAAAIQAAAAAAAAC5AAAAAAAAAHEAAAAAAAAAzQAAAAAAAACZAAAAAAAAAN0A=
        """),
    NPYFixture(
      python: "np.array([-128, 127], dtype='i1')", rows: 2, columns: 1,
      elements: [-128.0, 127.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwg
        fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqAfw==
        """),
    NPYFixture(
      python: "np.array([0, 65535], dtype='>u2')", rows: 2, columns: 1,
      elements: [0.0, 65535.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPnUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwg
        fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAP//
        """),
    NPYFixture(
      python: "np.array([-2147483648, 2147483647], dtype='<i4')", rows: 2, columns: 1,
      elements: [-2147483648.0, 2147483647.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwg
        fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAACA
        ////fw==
        """),
    NPYFixture(
      python: "np.array([0, 2**53], dtype='<u8')", rows: 2, columns: 1,
      elements: [0.0, 9007199254740992.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPHU4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwg
        fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AAAAAAAAAAAAACAA
        """),
    NPYFixture(
      python: "np.array([-3, 3], dtype='>i8')", rows: 2, columns: 1,
      elements: [-3.0, 3.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwg
        fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr/////
        /////QAAAAAAAAAD
        """),
    NPYFixture(
      python: "np.array([[True, False]])", rows: 1, columns: 2,
      elements: [1.0, 0.0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIp
        LCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==
        """),
    NPYFixture(
      python: "np.array(2.5)", rows: 1, columns: 1,
      elements: [2.5],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0g
        ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AAAEQA==
        """),
    NPYFixture(
      python: "np.zeros((0, 3))", rows: 0, columns: 3,
      elements: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMp
        LCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=
        """),
    NPYFixture(
      python: "np.array([[1., 2]]), version=(2, 0)", rows: 1, columns: 2,
      elements: [1.0, 2.0],
      base64: """
        k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwg
        MiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AADwPwAAAAAAAABA
        """),
    NPYFixture(
      python: "np.array([[1., 2]]), version=(3, 0)", rows: 1, columns: 2,
      elements: [1.0, 2.0],
      base64: """
        k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwg
        MiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AADwPwAAAAAAAABA
        """),
  ]

  /// Arrays that no matrix can hold.
  static let unsupported = [
    NPYFixture(
      python: "np.array([1j])", rows: 0, columns: 0, elements: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGMxNicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCks
        IH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AAAAAAAAAAAAAPA/
        """),
    NPYFixture(
      python: "np.zeros(1, dtype=[('a', 'f8')])", rows: 0, columns: 0, elements: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxmOCcpXSwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBl
        JzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA
        AAAAAA==
        """),
    NPYFixture(
      python: "np.array(['text'])", rows: 0, columns: 0, elements: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwg
        fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAp0AAAA
        ZQAAAHgAAAB0AAAA
        """),
  ]
}
