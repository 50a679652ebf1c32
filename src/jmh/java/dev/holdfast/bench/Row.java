package dev.holdfast.bench;

import java.util.List;
import java.util.stream.Stream;

/**
 * A row of the table: a workload, its peers and its goal.
 *
 * @param capacity of the parameter of that name, 0 if there is none
 * @param rival the peer to compare with, {@code null} for the best
 * @param goalOfTwo ratio to that peer with two carriers
 * @param goalOfOne ratio to that peer with one carrier
 */
record Row(
    String title,
    String benchmark,
    int capacity,
    List<String> peers,
    String rival,
    double goalOfTwo,
    double goalOfOne) {

  static final String US = "holdfast";
  static final String US_IN_ORDER = "holdfast-in-order";
  static final String SPINNING = "JCTools";

  static final List<String> RENDEZVOUS =
      List.of(US, "SynchronousQueue", "LinkedTransferQueue", "Jox", "Kotlin");
  static final List<String> BUFFERED =
      List.of(US, "ArrayBlockingQueue", "LinkedBlockingQueue", "Jox", "Kotlin");
  static final List<String> SELECT = List.of(US, US_IN_ORDER, "Jox", "Kotlin");

  static Row of(String title, String benchmark) {
    return new Row(title, benchmark, 0, List.of(), null, 0, 0);
  }

  static Row rendezvous(String who, String method) {
    return of(who + ", capacity 0", "RendezvousBenchmark." + method).peers(RENDEZVOUS);
  }

  static Row buffered(String who, String method, int capacity) {
    String title = who + ", capacity " + capacity;
    return new Row(title, "BufferedBenchmark." + method, capacity, BUFFERED, null, 0, 0);
  }

  Row peers(List<String> peers, String... more) {
    List<String> all = Stream.concat(peers.stream(), Stream.of(more)).toList();
    return new Row(title, benchmark, capacity, all, rival, goalOfTwo, goalOfOne);
  }

  Row rival(String rival) {
    return new Row(title, benchmark, capacity, peers, rival, goalOfTwo, goalOfOne);
  }

  Row goal(double two, double one) {
    return new Row(title, benchmark, capacity, peers, rival, two, one);
  }

  Row goal(double both) {
    return goal(both, both);
  }

  /** Threads that spin need a carrier each. */
  String[] peers(int carriers) {
    boolean room = carriers > 1 || benchmark.startsWith("OneThread");
    return peers.stream().filter(p -> room || !p.equals(SPINNING)).toArray(String[]::new);
  }

  boolean isRival(String peer) {
    return rival != null ? peer.equals(rival) : !List.of(US, US_IN_ORDER, SPINNING).contains(peer);
  }
}
