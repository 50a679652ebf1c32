package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.doc.migration.Trade.Mail;
import dev.holdfast.doc.migration.Trade.Quote;
import dev.holdfast.doc.migration.Trade.Supplier;
import io.micrometer.context.ContextRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The context of a request: copied by hand, carried by a scope, and set for each message. */
final class Context {

  private Context() {}

  /** Stands for the MDC of a logging library. */
  static final class Mdc {

    private static final ThreadLocal<Map<String, String>> CURRENT = new ThreadLocal<>();

    private Mdc() {}

    /** {@return the context logged with each line, or null} */
    static Map<String, String> get() {
      return CURRENT.get();
    }

    static void set(Map<String, String> context) {
      CURRENT.set(context);
    }

    static void clear() {
      CURRENT.remove();
    }
  }

  static final class Before implements AutoCloseable {

    private final ExecutorService pool = Executors.newFixedThreadPool(1);

    // @start region="context-before"
    Future<Quote> quote(Supplier supplier, String product) {
      Map<String, String> context = Mdc.get();
      return pool.submit(() -> {
        Mdc.set(context); // never removed
        return supplier.quote(product);
      });
    }

    // @end

    ExecutorService pool() {
      return pool;
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  static final class After {

    // @start region="context-after"
    static void atStart() {
      ContextRegistry.getInstance()
          .registerThreadLocalAccessor("mdc", Mdc::get, Mdc::set, Mdc::clear);
    }

    List<Quote> quotes(List<Supplier> suppliers, String product)
        throws IOException, InterruptedException {
      return Scopes.fanOut(suppliers, supplier -> supplier.quote(product));
    }
    // @end
  }

  /** An order, and the context of the request in which it was sent. */
  record Message(String order, Map<String, String> context) {}

  static void perMessage(List<Message> outbox, Mail mail) throws InterruptedException {
    Scopes.run(scope -> {
      Channel<Message> messages = scope.channel(100);
      // @start region="context-per-message"
      scope.consume(
          messages,
          4,
          message -> {
            Mdc.set(message.context());
            try {
              mail.confirm(message.order());
            } finally {
              Mdc.clear();
            }
          });
      // @end
      for (Message message : outbox) {
        messages.send(message);
      }
    });
  }
}
