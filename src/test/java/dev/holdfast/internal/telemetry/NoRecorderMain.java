package dev.holdfast.internal.telemetry;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;

/** A program on an image without anything but the base module. */
final class NoRecorderMain {

  private NoRecorderMain() {}

  public static void main(String[] args) throws Exception {
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(0);
      scope.fork(() -> {
        channel.send(42);
        return null;
      });
      System.out.println(channel.receive());
    });
  }
}
