package com.example.shop;

import com.example.shop.Orders.Order;
import dev.holdfast.Scope;
import dev.holdfast.channel.Channel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/** Confirms orders by mail, in the background: four at a time, and at most a thousand wait. */
@Component
final class Confirmations implements Background {

  private static final Logger LOG = LoggerFactory.getLogger(Confirmations.class);

  private volatile Channel<Mail> mails;

  /** In place of {@code @Async}: when the service stops, the mails that wait are still sent. */
  @Override
  public void start(Scope scope) {
    // @start region="service-consume"
    Channel<Mail> channel = scope.channel(1000);
    scope.consume("confirmations", channel, 4, this::send);
    // @end
    mails = channel;
  }

  /** Does not wait for the mail; waits when a thousand others wait. */
  void send(Order order) throws InterruptedException {
    mails.send(new Mail(order, MDC.get("request")));
  }

  private void send(Mail mail) throws InterruptedException {
    try (var request = MDC.putCloseable("request", mail.request())) {
      Thread.sleep(2); // the mail server
      LOG.debug("confirmed {}", mail.order());
    }
  }

  private record Mail(Order order, String request) {}
}
