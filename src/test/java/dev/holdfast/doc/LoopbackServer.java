package dev.holdfast.doc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that answers each line with a line and counts its clients. */
final class LoopbackServer implements AutoCloseable {

  /** Answers a line. */
  interface Answer {

    /** {@return the answer, null for none} */
    String to(String line) throws InterruptedException;
  }

  /** Reads and never answers. */
  static final Answer SILENCE = line -> null;

  private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger connected = new AtomicInteger();
  private final Answer answer;

  LoopbackServer(Answer answer) throws IOException {
    this.answer = answer;
    threads.execute(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        accepted.incrementAndGet();
        connected.incrementAndGet();
        threads.execute(() -> serve(client));
      }
    } catch (IOException closed) {
      // the server was closed
    }
  }

  /** Ends when the client closes its side, so a disconnected client is not counted. */
  private void serve(Socket client) {
    try (client;
        var lines = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        String reply = answer.to(line);
        if (reply != null) {
          client.getOutputStream().write((reply + "\n").getBytes(UTF_8));
        }
      }
    } catch (IOException clientIsGone) {
      // counted below
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } finally {
      connected.decrementAndGet();
    }
  }

  SocketAddress address() {
    return listener.getLocalSocketAddress();
  }

  /** {@return how many clients have connected since the start} */
  int accepted() {
    return accepted.get();
  }

  /** {@return how many clients are connected, as far as the server has noticed} */
  int connected() {
    return connected.get();
  }

  /** Sends a line on a connection of its own and returns the answer. */
  String ask(String line) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(address());
      socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
      var reply = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      String answered = reply.readLine();
      if (answered == null) {
        throw new IOException("the server has closed the connection");
      }
      return answered;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
