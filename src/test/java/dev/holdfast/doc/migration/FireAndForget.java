package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.doc.migration.Trade.Mail;
import dev.holdfast.doc.migration.Trade.Shop;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Fire and forget: an executor, and a channel of a scope that outlives the request. */
final class FireAndForget {

  private FireAndForget() {}

  @SuppressWarnings("FutureReturnValueIgnored") // the fault of this version
  static final class Before implements AutoCloseable {

    private final Shop shop;
    private final Mail mail;

    Before(Shop shop, Mail mail) {
      this.shop = shop;
      this.mail = mail;
    }

    // @start region="fire-before"
    private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();

    void order(String id) {
      shop.ship(id);
      background.submit(() -> {
        mail.confirm(id);
        return null;
      });
    }

    // @end

    @Override
    public void close() {
      background.close();
    }
  }

  static final class After {

    private final Shop shop;
    private final Mail mail;

    After(Shop shop, Mail mail) {
      this.shop = shop;
      this.mail = mail;
    }

    // @start region="fire-after"
    void serve(Iterable<String> orders) throws InterruptedException {
      Scopes.named("shop")
          .isolated()
          .run(scope -> {
            Channel<String> outbox = scope.channel(100);
            scope.consume("mail", outbox, 4, mail::confirm);
            for (String id : orders) {
              shop.ship(id);
              outbox.send(id); // waits while 100 mails are buffered
            }
          });
    }
    // @end
  }
}
