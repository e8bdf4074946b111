import Glibc
import KernelTables

/// Memory of the calling thread for one kernel at a time: taken once, freed with the thread.
enum ThreadRoom {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { free($0) }
    return key
  }()

  static var address: UnsafeMutableRawPointer {
    if let known = pthread_getspecific(key) { return known }
    let address = UnsafeMutableRawPointer.allocate(
      byteCount: Product<Double>.roomBytes, alignment: 64)
    pthread_setspecific(key, address)
    return address
  }
}
