package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import dev.holdfast.doc.migration.Trade.Quote;
import dev.holdfast.doc.migration.Trade.Supplier;
import io.micrometer.context.ContextRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What a thread knows about its request: copied by hand, and carried by the scope. */
final class Context {

  private Context() {}

  /** As the one of a logging library. */
  static final class Mdc {

    private static final ThreadLocal<Map<String, String>> CURRENT = new ThreadLocal<>();

    private Mdc() {}

    /** {@return what is logged with each line, null for nothing} */
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
        Mdc.set(context); // and who takes it away again?
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
}
