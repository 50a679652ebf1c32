package com.example.shop;

import com.example.shop.Orders.Order;
import com.example.shop.Upstreams.Offer;
import dev.holdfast.GuardFullException;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The HTTP interface. {@link RequestScope} answers when the time is up. */
@RestController
final class ShopController {

  private final Upstreams upstreams;
  private final Orders orders;

  ShopController(Upstreams upstreams, Orders orders) {
    this.upstreams = upstreams;
    this.orders = orders;
  }

  @GetMapping("/items/{item}")
  Offer offer(@PathVariable int item) throws IOException, InterruptedException {
    return upstreams.offer(item);
  }

  @PostMapping("/items/{item}/orders")
  Order order(@PathVariable int item, @RequestParam(defaultValue = "1") int quantity)
      throws IOException, InterruptedException {
    return orders.place(item, quantity);
  }

  @ExceptionHandler
  ResponseEntity<String> full(GuardFullException e) {
    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
        .header(HttpHeaders.RETRY_AFTER, "1")
        .body("busy");
  }

  @ExceptionHandler
  ResponseEntity<String> upstream(IOException e) {
    return ResponseEntity.status(HttpStatus.BAD_GATEWAY).body(e.getMessage());
  }
}
