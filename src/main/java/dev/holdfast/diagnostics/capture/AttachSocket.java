package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.DumpException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Sends a command of {@code jcmd} to a JVM, over the socket on which HotSpot listens for it. */
final class AttachSocket {

  /*
   * A request consists of the protocol version, the name of the operation and three arguments, each
   * followed by a zero byte. The response is a line with a status, zero for success, and the output
   * of the command. Then the JVM closes the connection.
   */

  private static final String VERSION = "1";
  private static final int LARGEST_ANSWER = 1 << 20;

  private AttachSocket() {}

  /**
   * Sends a command.
   *
   * @param socket the file of the socket
   * @param command the command with its options
   * @param limitSeconds how long to wait for the response
   * @return the response: a line with the status, and the output
   */
  static String send(Path socket, String command, long limitSeconds)
      throws IOException, InterruptedException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        var selector = Selector.open()) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String request = String.join("\0", VERSION, "jcmd", command, "", "") + "\0";
      ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      return answer(channel, selector, System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds));
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException();
    }
  }

  private static String answer(SocketChannel channel, Selector selector, long end)
      throws IOException, InterruptedException {
    var answer = new ByteArrayOutputStream();
    ByteBuffer bytes = ByteBuffer.allocate(8_192);
    while (answer.size() < LARGEST_ANSWER) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new DumpException("it does not answer; is it stopped, or in a very long pause?");
      }
      selector.select(left);
      selector.selectedKeys().clear();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      int read = channel.read(bytes.clear());
      if (read < 0) {
        break;
      }
      answer.write(bytes.array(), 0, read);
    }
    return answer.toString(StandardCharsets.UTF_8);
  }
}
