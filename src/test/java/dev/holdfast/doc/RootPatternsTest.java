package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.doc.WorkerPatterns.Office;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;

/** Runs the examples of {@link RootPatterns}. */
class RootPatternsTest {

  private final List<String> handled = Collections.synchronizedList(new ArrayList<>());
  private final SynchronousQueue<String> mail = new SynchronousQueue<>();
  private final IOException broken = new IOException("broken");

  private final Office office =
      new Office() {
        @Override
        public void handle(String message) throws IOException {
          if (message.equals("break")) {
            throw broken;
          }
          handled.add(message);
        }

        @Override
        public void sweep() {}

        @Override
        public void work() {}
      };

  @Test
  void a_bean_stops_its_worker_when_it_is_closed() throws Exception {
    var bean = new RootPatterns.MailRoom();
    bean.start(mail::take, office);
    mail.put("first");
    mail.put("second"); // the first message has been handled
    bean.close();
    assertEquals("first", handled.get(0));
    assertThrows(ScopeClosedException.class, () -> bean.start(mail::take, office));
  }

  @Test
  void main_ends_with_the_failure_of_its_worker() throws Exception {
    Thread sender =
        Thread.ofVirtual()
            .unstarted(() -> {
              try {
                mail.put("first");
                mail.put("break");
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    sender.start();
    ForkFailedException thrown =
        assertThrows(ForkFailedException.class, () -> RootPatterns.main(mail::take, office));
    assertSame(broken, thrown.getCause());
    assertEquals(List.of("first"), handled);
    sender.join();
  }
}
