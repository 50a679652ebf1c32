package com.example.shop;

import com.example.shop.Upstreams.Offer;
import java.io.IOException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes orders. An order and its entry in the outbox are written by one transaction. */
@Service
final class Orders {

  private final Upstreams upstreams;
  private final JdbcClient jdbc;
  private final TransactionTemplate transactions;
  private final Confirmations confirmations;

  Orders(
      Upstreams upstreams,
      JdbcClient jdbc,
      TransactionTemplate transactions,
      Confirmations confirmations) {
    this.upstreams = upstreams;
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.confirmations = confirmations;
  }

  Order place(int item, int quantity) throws IOException, InterruptedException {
    Offer offer = upstreams.offer(item); // no connection is held while other services work
    Order order =
        Database.REQUESTS.call(
            scope -> transactions.execute(transaction -> insert(item, quantity, offer.cents())));
    confirmations.send(order);
    return order;
  }

  private Order insert(int item, int quantity, int cents) {
    jdbc.sql("update items set stock = stock - :quantity where id = :item")
        .param("quantity", quantity)
        .param("item", item)
        .update();
    long id =
        jdbc.sql(
                "insert into orders (item, quantity, cents) values (:item, :quantity, :cents)"
                    + " returning id")
            .param("item", item)
            .param("quantity", quantity)
            .param("cents", cents)
            .query(Long.class)
            .single();
    jdbc.sql("insert into outbox (order_id) values (:id)").param("id", id).update();
    return new Order(id, item, quantity, quantity * cents);
  }

  record Order(long id, int item, int quantity, int cents) {}
}
