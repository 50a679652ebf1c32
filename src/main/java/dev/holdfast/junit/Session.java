package dev.holdfast.junit;

import dev.holdfast.Inspect;
import dev.holdfast.diagnostics.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A run of tests: which of them run now, and what is left to look at when all have ended. */
final class Session implements AutoCloseable {

  private static final ReentrantLock CREATING = new ReentrantLock();
  private static final Rules AT_END =
      new Rules(true, Duration.ofMillis(500), false, false, Set.of(), Set.of(), Set.of(), Set.of());

  /** Identifiers of threads, from one to another. */
  private record Range(long begin, long end) {
    boolean has(long id) {
      return begin < id && id < end;
    }
  }

  private static final String WATCH = "holdfast.leakfree.watch";

  private final ReportFiles files;
  private final @Nullable Watch watch;
  private final Stalls stalls = new Stalls();
  private final Inspect.Listening listening = Inspect.onReport(stalls::hear);

  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final List<Window> active = new ArrayList<>();

  /** What was created here without being known whose it is, has been answered for. */
  private final ConcurrentLinkedQueue<Range> judged = new ConcurrentLinkedQueue<>();

  /** What was created here is looked at in the end: several tests ran. */
  private final ConcurrentLinkedQueue<Range> open = new ConcurrentLinkedQueue<>();

  /** The threads that were told of, or ignored. */
  private final Set<Long> seen = ConcurrentHashMap.newKeySet();

  private Session(ExtensionContext root) {
    files = ReportFiles.of(root);
    watch = watch(root);
  }

  /** {@return what finds stalls, null if there is to be none} */
  private static @Nullable Watch watch(ExtensionContext root) {
    if (root.getConfigurationParameter(WATCH).map(Boolean::parseBoolean).orElse(true)) {
      try {
        return Watch.start();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return null;
  }

  static Session of(ExtensionContext context) {
    ExtensionContext root = context.getRoot();
    ExtensionContext.Store store = root.getStore(LeakFreeExtension.NAMESPACE);
    CREATING.lock();
    try {
      Session session = store.get(Session.class, Session.class);
      if (session == null) {
        session = new Session(root);
        store.put(Session.class, session);
      }
      return session;
    } finally {
      CREATING.unlock();
    }
  }

  Stalls stalls() {
    return stalls;
  }

  void begin(Window window) {
    lock.lock();
    try {
      for (Window other : active) {
        if (!window.isInside(other)) {
          other.notAlone();
          window.notAlone();
        }
      }
      active.add(window);
    } finally {
      lock.unlock();
    }
  }

  /** Ends it without a look. */
  void end(Window window) {
    lock.lock();
    try {
      active.remove(window);
    } finally {
      lock.unlock();
    }
    if (!window.rules().on()) {
      seen.addAll(window.created());
    }
    (window.isAlone() ? judged : open).add(new Range(window.begin(), Ids.next()));
    window.close();
  }

  /** {@return what is left of it after a while, none if nothing is} */
  Found leftovers(Window window) {
    Found found = Linger.look(new Mine(window), window.rules(), window.mayHaveVirtualThreads());
    seen.addAll(found.seen());
    return found;
  }

  /** {@return the text of the failure, which is also written to files} */
  String report(String of, Rules rules, Found found) {
    return files.write(of, rules.linger(), found);
  }

  void clean(String of) {
    files.delete(of);
  }

  /** Looks for what could not be told to be of one of several tests, when all have ended. */
  @Override
  public void close() {
    listening.close();
    if (watch != null) {
      watch.close();
    }
    if (!open.isEmpty()) {
      Found found = Linger.look(new Nobodys(), AT_END, true);
      if (!found.isEmpty()) {
        throw new AssertionError(report("tests that ran in parallel", AT_END, found));
      }
    }
  }

  private @Nullable Creation creation(long thread) {
    lock.lock();
    try {
      for (Window window : active) {
        Creation creation = window.creation(thread);
        if (creation != null) {
          return creation;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Window owner(@Nullable Thread thread, long id) {
    Window owner = thread == null ? null : TestLoader.of(thread);
    if (owner == null) {
      Creation creation = creation(id);
      owner = creation == null ? null : creation.window();
    }
    return owner;
  }

  /** What a window answers for: its own, and what is nobody's while it is alone. */
  private final class Mine implements Claim {

    private final Window window;

    Mine(Window window) {
      this.window = window;
    }

    @Override
    public boolean isMine(@Nullable Thread thread, long id) {
      Window owner = owner(thread, id);
      if (owner != null) {
        return owner == window && !seen.contains(id);
      }
      return id > window.begin()
          && window.isAlone()
          && !seen.contains(id)
          && judged.stream().noneMatch(range -> range.has(id));
    }

    @Override
    public boolean isMineFromPool(Thread worker) {
      return window.isAlone() && !window.isKnownBusy(worker);
    }

    @Override
    public List<StackTraceElement> createdFrom(long id) {
      return window.createdFrom(id);
    }
  }

  /** What is nobody's, though tests ran when it was created. */
  private final class Nobodys implements Claim {

    @Override
    public boolean isMine(@Nullable Thread thread, long id) {
      return owner(thread, id) == null
          && !seen.contains(id)
          && open.stream().anyMatch(range -> range.has(id));
    }

    @Override
    public boolean isMineFromPool(Thread worker) {
      return true;
    }

    @Override
    public List<StackTraceElement> createdFrom(long id) {
      return List.of();
    }
  }
}
