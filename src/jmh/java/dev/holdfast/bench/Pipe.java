package dev.holdfast.bench;

/** What elements go through from thread to thread. */
interface Pipe {

  void send(Integer element) throws InterruptedException;

  Integer receive() throws InterruptedException;

  /** Receives, or gives up after a second. */
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
