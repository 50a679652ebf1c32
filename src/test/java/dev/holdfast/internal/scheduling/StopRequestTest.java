package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.LeavesNothing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests to end a wait. */
@LeavesNothing
class StopRequestTest {

  private boolean applies = true;

  private final StopRequest request =
      new StopRequest() {
        @Override
        protected boolean applies() {
          return applies;
        }

        @Override
        protected String message() {
          return "stop";
        }
      };

  @AfterEach
  void none_is_kept() {
    request.withdraw();
    assertEquals(0, StopRequest.pending());
  }

  @Test
  void it_ends_one_wait_of_its_thread() throws Exception {
    StopRequest.throwIfPending();
    request.send(Thread.currentThread());
    assertTrue(StopRequest.isPending());
    var thrown = assertThrows(InterruptedException.class, StopRequest::throwIfPending);
    assertEquals("stop", thrown.getMessage());
    assertFalse(StopRequest.isPending());
    StopRequest.throwIfPending();
  }

  @Test
  void it_reaches_no_other_thread() throws Exception {
    request.send(new Thread(() -> {}));
    assertFalse(StopRequest.isPending());
    StopRequest.throwIfPending();
  }

  @Test
  void it_waits_until_it_applies() throws Exception {
    applies = false;
    request.send(Thread.currentThread());
    StopRequest.throwIfPending();
    applies = true;
    assertThrows(InterruptedException.class, StopRequest::throwIfPending);
  }

  @Test
  void a_request_that_was_withdrawn_early_is_not_sent() throws Exception {
    request.withdraw();
    request.send(Thread.currentThread());
    assertFalse(StopRequest.isPending());
    StopRequest.throwIfPending();
  }
}
