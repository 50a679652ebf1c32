package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.doc.WorkerPatterns.Board;
import dev.holdfast.doc.WorkerPatterns.Mailbox;
import dev.holdfast.doc.WorkerPatterns.Office;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Runs the examples of {@link WorkerPatterns}. */
class WorkerPatternsTest {

  private final List<String> handled = Collections.synchronizedList(new ArrayList<>());
  private final SynchronousQueue<String> mail = new SynchronousQueue<>();

  private final Office office =
      new Office() {
        @Override
        public void handle(String message) {
          handled.add(message);
        }

        @Override
        public void sweep() {
          handled.add("swept");
        }

        @Override
        public void work() throws InterruptedException {
          mail.put("first");
          mail.put("second");
          mail.put("third"); // the second message has been handled
        }
      };

  private interface Work {
    void run() throws InterruptedException;
  }

  /** {@return an office whose work is given} */
  private Office working(Work work) {
    return new Office() {
      @Override
      public void handle(String message) {}

      @Override
      public void sweep() {
        handled.add("swept");
      }

      @Override
      public void work() throws InterruptedException {
        work.run();
      }
    };
  }

  @Test
  void a_worker_handles_messages_until_the_body_returns() throws Exception {
    WorkerPatterns.worker(mail::take, office);
    assertEquals(List.of("first", "second"), handled.subList(0, 2));
  }

  @Test
  void a_worker_publishes_what_it_has_when_it_is_stopped() throws Exception {
    Board board =
        new Board() {
          @Override
          public void add(String message) {
            handled.add(message);
          }

          @Override
          public void publish() {
            handled.add("published");
          }
        };
    Scopes.run(scope -> {
      Channel<String> messages = scope.channel(1);
      Office sends =
          working(() -> {
            messages.send("first");
            Poll.until(() -> handled.contains("first"));
          });
      WorkerPatterns.awaitStop(messages, board, sends);
    });
    assertEquals(List.of("first", "published"), handled);
  }

  @Test
  void a_server_is_stopped_by_its_action() throws Exception {
    var serving = new CountDownLatch(1);
    var stopped = new CountDownLatch(1);
    WorkerPatterns.Server server =
        new WorkerPatterns.Server() {
          @Override
          public void serve() {
            serving.countDown();
            Blocked.stubbornly(stopped);
            handled.add(Thread.currentThread().isInterrupted() ? "interrupted" : "served");
          }

          @Override
          public void stop() {
            stopped.countDown();
          }
        };
    Office waits = working(() -> serving.await());
    WorkerPatterns.onStop(server, waits);
    assertEquals(List.of("served"), handled);
  }

  @Test
  void a_worker_restarts_after_a_failure() throws Exception {
    var failures = new AtomicInteger();
    Mailbox breaks =
        () -> {
          if (failures.getAndIncrement() == 0) {
            throw new IOException("connection reset");
          }
          return mail.take();
        };
    WorkerPatterns.restart(breaks, office);
    assertEquals(List.of("first", "second"), handled.subList(0, 2));
  }

  @Test
  void the_body_continues_when_the_worker_is_ready() throws Exception {
    var worked = new CountDownLatch(1);
    Office counts = working(() -> worked.countDown());
    assertTrue(WorkerPatterns.ready(counts) > 0);
    assertEquals(0, worked.getCount());
  }

  @Test
  void a_periodic_job_runs_alongside_a_worker() throws Exception {
    Scopes.run(scope -> {
      scope.worker(() -> {
        while (true) {
          handled.add(mail.take());
        }
      });
      WorkerPatterns.every(office);
    });
    assertEquals(List.of("first", "second"), handled.subList(0, 2));
  }

  @Test
  void a_job_with_a_fixed_delay_runs_at_once() throws Exception {
    Office waits = working(() -> Poll.until(() -> handled.contains("swept")));
    WorkerPatterns.fixedDelay(waits);
    assertEquals(List.of("swept"), handled);
  }

  @Test
  void a_ticker_publishes_until_the_messages_end() throws Exception {
    var published = new CountDownLatch(1);
    Board board =
        new Board() {
          @Override
          public void add(String message) {
            handled.add(message);
          }

          @Override
          public void publish() {
            published.countDown();
          }
        };
    Scopes.run(scope -> {
      Channel<String> messages = scope.channel(1);
      scope.fork(() -> {
        messages.send("one");
        published.await();
        messages.close();
      });
      WorkerPatterns.ticker(messages, board);
    });
    assertEquals(List.of("one"), handled);
  }

  @Test
  void an_http_client_uses_the_executor_of_the_scope() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write(new byte[] {'o', 'k'});
          exchange.close();
        });
    server.start();
    try {
      var uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      Pace.repeat(() -> {
        assertEquals("ok", WorkerPatterns.executor(uri));
        return true;
      });
    } finally {
      server.stop(0);
    }
  }
}
