package dev.holdfast.doc;

import dev.holdfast.Restart;
import dev.holdfast.RootScope;
import dev.holdfast.Scopes;
import dev.holdfast.doc.WorkerPatterns.Mailbox;
import dev.holdfast.doc.WorkerPatterns.Office;
import java.time.Duration;

/** The examples of root scopes in the documentation. */
final class RootPatterns {

  private RootPatterns() {}

  // @start region="root-bean"
  static final class MailRoom implements AutoCloseable {

    private final RootScope root = Scopes.named("mail-room").open();

    void start(Mailbox mailbox, Office office) throws InterruptedException {
      root.run(scope -> {
        scope.worker(
            "mail",
            () -> {
              while (true) {
                office.handle(mailbox.next());
              }
            });
        scope.every("sweep", Restart.onFailure(), Duration.ofSeconds(30), office::sweep);
      });
    }

    @Override
    public void close() {
      root.close(Duration.ofSeconds(20)); // then cancels
    }
  }

  // @end

  static void main(Mailbox mailbox, Office office) throws InterruptedException {
    // @start region="root-main"
    try (RootScope root = Scopes.named("post-office").open().closeOnExit()) {
      root.run(scope ->
          scope.worker(
              "mail",
              () -> {
                while (true) {
                  office.handle(mailbox.next());
                }
              }));
      root.join(); // until SIGTERM, or the worker fails
    }
    // @end
  }
}
