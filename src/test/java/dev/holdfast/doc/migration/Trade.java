package dev.holdfast.doc.migration;

import java.io.IOException;

/** What the code before and after the migration deals with. */
final class Trade {

  private Trade() {}

  /** What a supplier asks for a product. */
  record Quote(String supplier, int cents) {}

  /** A supplier that is asked over the network. */
  interface Supplier {
    Quote quote(String product) throws IOException, InterruptedException;
  }

  /** What the shop offers. */
  record Offer(int price, int stock) {}

  /** A shop that is asked over the network. */
  interface Shop {
    int price(String product);

    int stock(String product);

    void ship(String order);
  }

  /** Tells customers of their orders. */
  interface Mail {
    void confirm(String order) throws IOException, InterruptedException;
  }

  /** Where lines are stored. */
  interface Sink {
    void store(String line) throws IOException, InterruptedException;
  }
}
