package dev.holdfast.internal.root;

import dev.holdfast.ScopeClosedException;
import dev.holdfast.ScopeException;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.CancelActions;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.cancel.WaitList;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.Settings;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.scope.UnjoinedFailures;
import dev.holdfast.internal.util.LibraryFrames;
import dev.holdfast.internal.util.ScopeNames;
import dev.holdfast.internal.util.StackProbe;
import dev.holdfast.internal.util.ThreadBirths;
import dev.holdfast.internal.util.Throwables;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The life of a root scope: a thread whose only work is an ordinary scope, in the body of which it
 * runs the code that callers pass to it.
 *
 * <p>It does not refer to its handle, the {@code RootScope}, so that a handle without references
 * becomes garbage and the leak is detected.
 */
public final class RootThread implements Runnable {

  private final Settings settings;
  private final String name;
  private final Thread thread;

  /** Where it was opened. */
  private final ScopeException opened;

  private final LeakedRootDetector leakDetector;
  private final Queue<RootCommand> calls = new ConcurrentLinkedQueue<>();

  private final RootLog log = new RootLog();

  /** The threads that wait until the root is open, or has ended. */
  private final WaitList waiters = new WaitList();

  private final AtomicReference<@Nullable ShutdownHook> shutdownHook = new AtomicReference<>();
  private final FailureObservers observers = new FailureObservers();

  /** Whether the body still accepts code to run. Its own thread only. */
  private boolean serving;

  // Written by its thread, once, in this order.
  private volatile @Nullable ScopeImpl scope;
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;
  private volatile boolean finished;
  private volatile boolean ended;

  // Any thread.
  private volatile boolean closing;

  public RootThread(Settings given, Object handle) {
    StackTraceElement[] stack = opener(new Throwable().getStackTrace());
    String known = given.name();
    this.name = known == null ? ScopeNames.of(stack) : known;
    this.settings = given.withName(name);
    this.opened =
        new ScopeException(
            "Scope '" + name + "' was opened here, by " + Access.currentThread(), null);
    opened.setStackTrace(stack);
    this.leakDetector = new LeakedRootDetector(handle, this);
    // Takes only the class loader from the thread that opens the root, because the root may outlive
    // it.
    this.thread =
        Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).unstarted(this);
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    ThreadBirths.created(thread);
  }

  /** {@return the stack without the calls of the library at its top} */
  private static StackTraceElement[] opener(StackTraceElement[] stack) {
    int from = 0;
    while (from < stack.length && LibraryFrames.isLibrary(stack[from].getClassName())) {
      from++;
    }
    return Arrays.copyOfRange(stack, from, stack.length);
  }

  /** Returns when the scope is open; throws the exception if it could not be opened. */
  public void start() {
    StackProbe.ensureRoom();
    Simulator.starting(thread, () -> "root scope '" + name + "'");
    thread.start();
    waiters.awaitAnyway(() -> scope != null || ended, 0, "the opening of a root scope");
    Throwable thrown = failure;
    if (scope == null && thrown != null) {
      throw Throwables.<RuntimeException>sneaky(thrown);
    }
  }

  @Override
  public void run() {
    Simulator.begin();
    Throwable out = null;
    try {
      runScope();
    } catch (Throwable t) {
      out = t;
    }
    end(out);
    Simulator.end();
  }

  private void runScope() throws InterruptedException {
    ScopeImpl opened = ScopeImpl.open(settings, Policy.BLOCK, this);
    UnjoinedFailureLog failureLog = null;
    Throwable thrown = null;
    try {
      UnjoinedFailures unjoined = opened.unjoined();
      if (unjoined != null) {
        failureLog = new UnjoinedFailureLog(opened, unjoined, log);
        unjoined.onAdded(failureLog::failed);
      }
      // Queued commands must not wait for running code that ignores the cancellation.
      opened.whenCancelled(this::refuseWaiting);
      leakDetector.start();
      scope = opened;
      waiters.wake();
      serve(opened);
    } catch (Throwable t) {
      thrown = t;
    }
    closed = true;
    try {
      end(opened, thrown);
    } finally {
      if (failureLog != null) {
        failureLog.stop();
      }
    }
  }

  private void end(ScopeImpl opened, @Nullable Throwable thrown) {
    try {
      refuseWaiting();
    } finally { // even when out of memory
      opened.end(thrown);
    }
  }

  private void serve(ScopeImpl scope) throws InterruptedException {
    serving = true;
    try {
      while (scope.cancellation() == null) {
        RootCommand call = calls.poll();
        if (call != null) {
          call.run(scope);
          scope.threadScope().endUserCode();
        } else if (closing) {
          return;
        } else {
          awaitWork(scope);
        }
      }
    } finally {
      serving = false;
    }
  }

  private void awaitWork(ScopeImpl scope) throws InterruptedException {
    try {
      scope
          .threadScope()
          .await(
              () -> closing || !calls.isEmpty(),
              0,
              new Blocker.Of(WaitInfo.Operation.IDLE, scope, scope.label()));
    } catch (InterruptedException e) {
      if (scope.cancellation() == null) {
        throw e; // an interrupt from outside ends the root, as it ends any scope
      }
    }
  }

  private void refuseWaiting() {
    for (RootCommand call; (call = calls.poll()) != null; ) {
      call.refuse();
    }
  }

  private void end(@Nullable Throwable out) {
    try {
      leakDetector.stop();
      failure = unchecked(out);
      finished = true;
      ShutdownHook registered = shutdownHook.get();
      if (registered != null) {
        registered.remove();
      }
    } catch (Throwable t) { // out of memory: waiting threads must still be woken
      failure = out == null ? t : out;
      finished = true;
    }
    ended = true;
    waiters.wake();
    if (scope != null) {
      logUnobserved();
    }
  }

  private @Nullable Throwable unchecked(@Nullable Throwable out) {
    return out == null || out instanceof RuntimeException || out instanceof Error
        ? out
        : new ScopeException(
            "Scope '" + name + "' ended because other code interrupted its thread", out);
  }

  /** Code for the thread of the root. */
  public interface Job<R extends @Nullable Object> {
    R run(ScopeImpl scope) throws Exception;
  }

  /** Runs code on the thread of the root, and throws its exceptions, declared or not. */
  @SuppressWarnings({"unchecked", "NullAway"}) // R says whether it may be null
  public <R extends @Nullable Object> R call(Job<R> body) throws InterruptedException {
    ThreadScope threadScope = ThreadScope.enter();
    threadScope.top().checkpoint();
    if (Thread.currentThread() == thread) {
      if (!serving) {
        throw refusal();
      }
      try {
        return body.run(scope());
      } catch (Exception e) {
        throw Throwables.<RuntimeException>sneaky(e);
      }
    }
    if (isClosed()) {
      throw refusal();
    }
    var call = new RootCommand(body);
    Simulator.point("call", scope());
    calls.add(call);
    if ((closed || scope().cancellation() != null) && calls.remove(call)) {
      throw refusal();
    }
    Wakeups.unpark(thread);
    try {
      threadScope.await(call::isOver, 0, "code handed to " + scope().label());
    } catch (Throwable t) {
      calls.remove(call);
      call.abandon(scope(), t);
      throw t;
    }
    return (R) call.result(this);
  }

  private boolean isClosed() {
    return closing || closed || scope().cancellation() != null;
  }

  /** {@return the exception that states why the root runs no more code} */
  ScopeException refusal() {
    Cancellation why = scope().cancellation();
    return why == null
        ? new ScopeClosedException(
            scope().label() + " was closed and runs no more code; open a new one")
        : why.exception();
  }

  public void cancel(String reason) {
    scope().cancel(reason);
  }

  /** Waits for the end of the root, and throws its failure. */
  public void join() throws InterruptedException {
    refuseInside("join");
    ThreadScope.enter().top().checkpoint();
    observers.enter();
    try {
      waiters.await(this::hasEnded, 0, "the end of " + scope().label());
      observers.observe();
    } finally {
      observers.leave();
      logUnobserved();
    }
    Throwable out = failure;
    Cancellation why = scope().cancellation();
    if (out == null && why != null) {
      out = why.exception();
    }
    if (out != null) {
      throw Throwables.<RuntimeException>sneaky(out);
    }
  }

  boolean hasEnded() {
    return ended;
  }

  /** Waits until the thread of a root that has ended has run its last statements. */
  void awaitThread() {
    boolean interrupted = false;
    while (thread.isAlive() && Simulator.current() == null) { // a simulation ends it later
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Begins to end the root normally, without waiting for its end. */
  private void beginClose() {
    closing = true;
    Wakeups.unpark(thread);
  }

  /**
   * Ends the root and waits for its end; throws its failure, unless another caller has thrown it.
   *
   * @param bound how long it may take to end before it is cancelled, or null
   * @return whether it has ended
   */
  public boolean close(@Nullable Duration bound) {
    refuseInside("close");
    StackProbe.ensureRoom();
    var wait = new ClosingWait(this, waiters, log);
    observers.enter();
    Throwable out = null;
    boolean done = false;
    try {
      beginClose();
      done = wait.awaitEnd(bound, "of its closing");
      out = done && observers.observe() ? failure : null;
    } finally {
      observers.leave();
      logUnobserved();
      wait.end();
    }
    if (out != null) {
      throw Throwables.<RuntimeException>sneaky(out);
    }
    return done;
  }

  /** Ends the root because the JVM exits, and prints its failure. */
  void closeForExit(Duration bound) {
    log.exiting();
    beginClose();
    new ClosingWait(this, waiters, log).awaitEnd(bound, "of the exit of the JVM");
  }

  private void refuseInside(String what) {
    if (Thread.currentThread() == thread
        || scope().isInside()
        || CancelActions.isRunningFor(scope())) {
      throw new IllegalStateException(
          scope().label()
              + " refuses "
              + what
              + " from inside: "
              + Access.currentThread()
              + " would wait for itself. Cancel the scope, or call "
              + what
              + " from outside.");
    }
  }

  public void closeOnExit(ShutdownHook wanted, Duration bound) {
    ShutdownHook registered = shutdownHook.compareAndExchange(null, wanted);
    if (registered != null) {
      registered.bound(bound);
      return;
    }
    try {
      wanted.add();
    } catch (IllegalStateException e) {
      shutdownHook.set(null);
      throw new IllegalStateException(
          scope().label()
              + " cannot be closed on exit, because the JVM is already exiting; close it yourself",
          e);
    }
    if (finished) {
      wanted.remove();
    }
  }

  /** Called by the timer thread when the handle is unreachable. */
  void leaked() {
    if (closing || scope().decision() != null) {
      return; // it is ending already
    }
    cancel("it was lost: nothing referred to it any more, and it was not closed");
    log.lost(scope(), opened);
  }

  /** Logs the failure, unless a caller has thrown it or is about to. */
  private void logUnobserved() {
    Throwable out = failure;
    if (ended && out != null && observers.takeUnobserved()) {
      log.warn(scope().label() + " has failed: " + Throwables.describe(out), out);
    }
  }

  public ScopeImpl scope() {
    return Objects.requireNonNull(scope);
  }

  public String name() {
    return name;
  }

  public String state() {
    return ended
        ? "ended"
        : scope().cancellation() != null ? "cancelled" : closing ? "closing" : "open";
  }
}
