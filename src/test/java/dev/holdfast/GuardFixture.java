package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;

/** Calls inside and in front of a {@link Guard}, and the check that it lost no place. */
final class GuardFixture {

  static final Duration LONG = Duration.ofSeconds(30);
  static final Duration SHORT = Duration.ofMillis(20);

  private GuardFixture() {}

  /** A call that stays inside until it is released. */
  static final class Holder implements AutoCloseable {

    final CountDownLatch in = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    final AtomicReference<Scope> scope = new AtomicReference<>();
    final OnThread<String> call;

    Holder(ThreadFactory threads, Guard guard) throws InterruptedException {
      call =
          OnThread.start(
              threads,
              () ->
                  // The deadline of the caller counts, not the default of the guard.
                  Scopes.timeout(LONG)
                      .call(around ->
                          guard.call(s -> {
                            scope.set(s);
                            in.countDown();
                            LawFixtures.await(go);
                            return "held";
                          })));
      LawFixtures.await(in);
    }

    @Override
    public void close() {
      go.countDown();
      call.end();
    }
  }

  static Holder hold(ThreadFactory threads, Guard guard) throws InterruptedException {
    return new Holder(threads, guard);
  }

  static void assertEmpty(Guard guard) {
    assertEquals(0, guard.inside(), guard::toString);
    assertEquals(0, guard.waiting(), guard::toString);
  }

  /** Fails unless there are as many places as there should be, no fewer and no more. */
  static void assertPlaces(int places, Guard guard) throws Exception {
    assertEmpty(guard);
    List<Holder> holders = new ArrayList<>();
    try {
      for (int i = 0; i < places; i++) {
        holders.add(hold(LawFixtures.VIRTUAL, guard));
      }
      assertEquals(places, guard.inside());
    } finally {
      holders.forEach(Holder::close);
    }
    assertEmpty(guard);
  }

  static OnThread<String> enter(ThreadFactory threads, Guard guard, String value) {
    return OnThread.start(threads, () -> guard.call(scope -> value));
  }

  static void untilWaiting(Guard guard, int count) {
    Poll.until(() -> guard.waiting() == count);
    assertEquals(count, guard.waiting());
  }
}
