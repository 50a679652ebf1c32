package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@LeavesNothing
class WaitListTest {

  private final WaitList list = new WaitList();
  private final AtomicBoolean happened = new AtomicBoolean();

  private OnThread<Boolean> waiting(ThreadFactory factory) {
    return OnThread.start(factory, () -> list.await(happened::get, 0, "the test")).blocked();
  }

  @EachThreadKind
  void a_wake_ends_every_wait_whose_condition_holds(ThreadFactory factory) {
    List<OnThread<Boolean>> all = List.of(waiting(factory), waiting(factory), waiting(factory));
    happened.set(true);
    list.wake();
    all.forEach(thread -> assertTrue(thread.end().value()));
    assertEquals(0, list.size());
  }

  /** If each walked over all others, this would take minutes. */
  @Nested
  class VeryMany {

    private static final int THREADS = 300_000;

    private final List<WaitList.Node> nodes = new ArrayList<>();

    @BeforeEach
    void begin() {
      for (int i = 0; i < THREADS; i++) {
        nodes.add(list.push());
      }
    }

    private void leave() {
      for (int left = THREADS; left > 0; left--) {
        list.remove(nodes.get(left - 1));
        if (left % 10_000 == 0) {
          assertTrue(list.size() <= 3 * left, "what has left is not half of what there was");
        }
      }
      assertEquals(0, list.size());
    }

    @Test
    void leave_in_the_order_in_which_they_came() {
      Collections.reverse(nodes);
      leave();
    }

    @Test
    void leave_in_the_reverse_order() {
      leave();
    }

    @Test
    void leave_in_any_order() {
      Collections.shuffle(nodes, new Random(1));
      leave();
    }
  }

  /** Law 10: nothing stays behind. */
  @Nested
  class Abandoned {

    @Test
    void a_wait_that_times_out_leaves_nothing() throws Exception {
      assertFalse(list.await(happened::get, 1, "the test"));
      assertEquals(0, list.size());
    }

    @EachThreadKind
    void a_wait_leaves_nothing_when_others_began_before_and_after_it(ThreadFactory factory) {
      var all = new ArrayList<OnThread<Boolean>>();
      for (int i = 0; i < 5; i++) {
        all.add(waiting(factory));
      }
      for (int i : new int[] {2, 1, 3}) {
        all.get(i).interrupt();
        assertTrue(all.get(i).end().thrown() instanceof InterruptedException);
      }
      assertEquals(2, list.size());
      all.get(4).interrupt();
      all.get(4).end();
      assertEquals(1, list.size());
      happened.set(true);
      list.wake();
      assertTrue(all.getFirst().end().value());
    }

    @EachThreadKind
    void waits_of_many_threads_that_overlap_leave_nothing(ThreadFactory factory) {
      var all = new ArrayList<OnThread<Void>>();
      for (int i = 0; i < 8; i++) {
        int nanos = 1 + 10_000 * i;
        all.add(
            OnThread.run(
                factory,
                () -> {
                  for (int j = 0; j < 500; j++) {
                    assertFalse(list.await(happened::get, nanos, "the test"));
                  }
                }));
      }
      all.forEach(OnThread::end);
      assertEquals(0, list.size());
    }
  }
}
