package dev.holdfast.doc.migration;

import java.io.IOException;

/** The types used before and after a migration. */
final class Trade {

  private Trade() {}

  /** A supplier's price for a product. */
  record Quote(String supplier, int cents) {}

  /** A supplier, called over the network. */
  interface Supplier {
    Quote quote(String product) throws IOException, InterruptedException;
  }

  /** A product with its price and stock. */
  record Offer(int price, int stock) {}

  /** A shop, called over the network. */
  interface Shop {
    int price(String product);

    int stock(String product);

    void ship(String order);
  }

  /** Sends confirmations to customers. */
  interface Mail {
    void confirm(String order) throws IOException, InterruptedException;
  }

  /** Stores lines. */
  interface Sink {
    void store(String line) throws IOException, InterruptedException;
  }
}
