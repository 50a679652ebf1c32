package dev.holdfast.bench;

/** A channel or queue between threads. */
interface Pipe {

  void send(Integer element) throws InterruptedException;

  Integer receive() throws InterruptedException;

  /** Receives with a timeout of one second. */
  default Integer receiveWithinASecond() throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  default boolean trySend(Integer element) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  default Integer tryReceive() throws InterruptedException {
    throw new UnsupportedOperationException();
  }
}
