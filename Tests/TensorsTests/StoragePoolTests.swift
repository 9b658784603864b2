import Testing
@testable import Tensors

/// What the pool keeps of the memory that comes back, and what it lets go.
struct StoragePoolTests {
  @Test func whatComesBackIsLentAgain() {
    let pool = StoragePool(leastKept: 1000)
    let first = pool.take(320)
    pool.giveBack(first, 320)
    #expect(pool.usage.idle == 320)
    let second = pool.take(320)
    #expect(second == first)
    #expect(pool.usage.idle == 0)
    pool.giveBack(second, 320)
  }

  /// A step that holds more than is kept in any case finds all of it again in the next step.
  @Test func asMuchIsKeptAsWasHeld() {
    let pool = StoragePool(leastKept: 1000)
    let sizes = [512, 640, 768]
    let step = sizes.map { ($0, pool.take($0)) }
    for (size, pointer) in step { pool.giveBack(pointer, size) }
    #expect(pool.usage.idle == sizes.reduce(0, +))
    for (size, pointer) in step {
      let again = pool.take(size)
      #expect(again == pointer)
      pool.giveBack(again, size)
    }
  }

  /// What later steps no longer ask for makes room for what they do.
  @Test func theOldestSizeGoesFirst() {
    let pool = StoragePool(leastKept: 1000)
    for size in [320, 384] { pool.giveBack(pool.take(size), size) }
    let again = pool.take(320)
    pool.giveBack(again, 320)
    // Now 384 floats were asked for longest ago, and with 448 more there would be 1,152.
    pool.giveBack(pool.take(448), 448)
    #expect(pool.usage.idle == 768)
    let kept = pool.take(320)
    #expect(kept == again)
    pool.giveBack(kept, 320)
  }

  @Test func theMostIsForgottenButWhatIsKeptIsNot() {
    let pool = StoragePool(leastKept: 0)
    pool.giveBack(pool.take(640), 640)
    pool.forgetMostUsed()
    #expect(pool.usage.most == 0)
    #expect(pool.usage.idle == 640)
    pool.giveBack(pool.take(320), 320)
    #expect(pool.usage.most == 320)
    // 960 floats are more than were ever held.
    #expect(pool.usage.idle == 320)
  }
}
