package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Scopes;
import dev.holdfast.junit.LeakFree;
import java.util.List;
import org.junit.jupiter.api.Test;

// @start region="leak-free"
@LeakFree
class OrdersTest {

  @Test
  void each_order_has_its_price() throws Exception {
    List<Integer> prices = Scopes.fanOut(List.of("tea", "coffee"), this::price);
    assertEquals(List.of(3, 6), prices);
  }

  private int price(String order) {
    return order.length();
  }
}
// @end
