package dev.holdfast.bench;

import java.util.List;
import java.util.stream.Stream;

/**
 * A row of the table: a workload, its peers and its goal.
 *
 * @param capacity of the parameter of that name, 0 if there is none
 * @param goalOfTwo ratio to that peer with two carriers
 * @param goalOfOne ratio to that peer with one carrier
 */
record Row(
    String title,
    String benchmark,
    int capacity,
    List<String> peers,
    double goalOfTwo,
    double goalOfOne) {

  static final String US = "holdfast";
  static final String US_IN_ORDER = "holdfast-in-order";
  static final String SPINNING = "JCTools";
  static final String COROUTINES = "Kotlin";
  static final String PARK = "park and unpark";

  static final List<String> RENDEZVOUS =
      List.of(US, "SynchronousQueue", "LinkedTransferQueue", "Jox", COROUTINES);
  static final List<String> BUFFERED =
      List.of(US, "ArrayBlockingQueue", "LinkedBlockingQueue", "Jox", COROUTINES);
  static final List<String> SELECT = List.of(US, US_IN_ORDER, "Jox", COROUTINES);

  static Row of(String title, String benchmark) {
    return new Row(title, benchmark, 0, List.of(), 0, 0);
  }

  static Row rendezvous(String who, String method) {
    return of(who + ", capacity 0", "RendezvousBenchmark." + method).peers(RENDEZVOUS);
  }

  static Row buffered(String who, String method, int capacity) {
    String title = who + ", capacity " + capacity;
    return new Row(title, "BufferedBenchmark." + method, capacity, BUFFERED, 0, 0);
  }

  Row peers(List<String> peers, String... more) {
    List<String> all = Stream.concat(peers.stream(), Stream.of(more)).toList();
    return new Row(title, benchmark, capacity, all, goalOfTwo, goalOfOne);
  }

  Row goal(double two, double one) {
    return new Row(title, benchmark, capacity, peers, two, one);
  }

  Row goal(double both) {
    return goal(both, both);
  }

  /** The peers to run. Threads that spin need a carrier each. */
  String[] peers(int carriers) {
    boolean room = carriers > 1 || benchmark.startsWith("OneThread");
    return peers.stream().filter(p -> room || !p.equals(SPINNING)).toArray(String[]::new);
  }

  /** {@return whether a peer is ranked with us: one that runs on virtual threads and blocks} */
  boolean isRival(String peer) {
    return isPeer(peer) && !peer.equals(COROUTINES);
  }

  /** {@return whether a peer does the same work} */
  boolean isPeer(String peer) {
    return !List.of(US, US_IN_ORDER).contains(peer) && !isFloor(peer);
  }

  /** {@return whether a peer is a floor: what the work costs without a channel} */
  boolean isFloor(String peer) {
    return List.of(SPINNING, PARK).contains(peer);
  }
}
