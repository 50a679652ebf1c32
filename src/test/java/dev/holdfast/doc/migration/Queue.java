package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Receiver;
import dev.holdfast.doc.migration.Trade.Sink;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** A producer and a consumer: a blocking queue between threads, and a channel. */
final class Queue {

  private Queue() {}

  static final class Before {

    // @start region="queue-before"
    private static final String END = "\0";

    void copy(Iterator<String> lines, Sink sink) throws IOException, InterruptedException {
      BlockingQueue<String> queue = new ArrayBlockingQueue<>(64);
      Thread.startVirtualThread(() -> {
        try {
          while (lines.hasNext()) {
            queue.put(lines.next());
          }
          queue.put(END);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      String line = queue.take();
      while (!line.equals(END)) {
        sink.store(line);
        line = queue.take();
      }
    }
    // @end
  }

  static final class After {

    // @start region="queue-after"
    void copy(Iterator<String> lines, Sink sink) throws IOException, InterruptedException {
      Scopes.run(scope -> {
        Receiver<String> queue =
            scope.produce(
                64,
                out -> {
                  while (lines.hasNext()) {
                    out.send(lines.next());
                  }
                });
        queue.forEach(sink::store);
      });
    }
    // @end
  }
}
