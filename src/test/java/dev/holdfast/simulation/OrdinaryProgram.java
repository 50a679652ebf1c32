package dev.holdfast.simulation;

import dev.holdfast.Guard;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Select;
import java.time.Duration;

/** A program outside a simulation, for {@link OutsideASimulationTest}. */
final class OrdinaryProgram {

  private OrdinaryProgram() {}

  public static void main(String[] args) throws Exception {
    Guard guard = Guard.named("one").maxConcurrent(1);
    int sum =
        Scopes.call(scope -> {
          Channel<Integer> numbers = scope.channel(0);
          scope.worker(worker -> numbers.send(20));
          scope.after(Duration.ofMillis(1), () -> Scopes.checkpoint());
          var fork = scope.fork(() -> guard.call(admitted -> 1));
          Integer number = Select.of(numbers.onReceive(each -> each)).await();
          return fork.join() + number;
        });
    try {
      Scopes.timeout(Duration.ofMillis(1)).run(scope -> Scopes.sleep(Duration.ofHours(1)));
    } catch (ScopeTimeoutException late) {
      sum += 300;
    }
    System.out.println("the sum is " + sum);
  }
}
