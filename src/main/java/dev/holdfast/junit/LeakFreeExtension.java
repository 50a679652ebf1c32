package dev.holdfast.junit;

import dev.holdfast.junit.leaks.LeakRules;
import dev.holdfast.junit.stalls.RunningTest;
import dev.holdfast.junit.stalls.StallError;
import dev.holdfast.junit.threads.TestExecution;
import dev.holdfast.junit.threads.ThreadBinding;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * The JUnit extension behind {@link LeakFree}. That annotation registers this extension, or
 * auto-detection registers it for every test. Registering it twice has the same effect as
 * registering it once.
 *
 * @since 0.1
 */
public final class LeakFreeExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        TestExecutionExceptionHandler,
        AfterEachCallback,
        AfterAllCallback {

  static final Namespace NAMESPACE = Namespace.create(LeakFreeExtension.class);

  /**
   * The state of a class or a test. Its key is the unique identifier of its context, because a
   * store also shows the entries of the enclosing contexts.
   *
   * @param checks whether the check covers the test alone, not with its class
   */
  private record State(
      LeakFreeSession session,
      LeakRules rules,
      ThreadBinding binding,
      @Nullable RunningTest running,
      boolean checks)
      implements StoredResource {

    TestExecution execution() {
      return binding.execution();
    }

    /**
     * Checks the test. JUnit closes stored resources last, in reverse order. So JUnit has already
     * closed fields with {@code @AutoClose} and containers, for example.
     */
    @Override
    public void close() {
      AssertionError leak = checks ? session.end(execution(), rules) : null;
      if (leak != null) {
        throw leak;
      }
    }
  }

  /** Creates an extension; called by JUnit. */
  public LeakFreeExtension() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    if (state(context) == null) {
      LeakRules rules = LeakFreeRules.of(context);
      LeakFreeSession session = LeakFreeSession.of(context);
      TestExecution execution = begin(context, session, true);
      put(context, new State(session, rules, ThreadBinding.bind(execution), null, true));
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (state(context) == null) {
      LeakRules rules = LeakFreeRules.of(context);
      LeakFreeSession session = LeakFreeSession.of(context);
      TestExecution outer = outer(context);
      boolean checks = outer == null || !rules.perClass() || !rules.enabled();
      boolean first = outer == null || outer.isFirstTest();
      TestExecution execution = outer == null || checks ? begin(context, session, first) : outer;
      ThreadBinding binding = ThreadBinding.bind(execution);
      RunningTest running =
          rules.enabled() ? session.stalls().begin(execution, rules.failOnStall()) : null;
      put(context, new State(session, rules, binding, running, checks));
    }
  }

  private static TestExecution begin(
      ExtensionContext context, LeakFreeSession session, boolean first) {
    session.prepare(context.getRequiredTestClass(), first);
    var execution = new TestExecution(name(context), outer(context));
    session.begin(execution);
    return execution;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
      throws Throwable {
    State state = state(context);
    String stall = state == null || state.running == null ? null : state.running.stall();
    if (stall == null || thrown instanceof StallError) {
      throw thrown;
    }
    throw new StallError(stall, thrown);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    State state = state(context);
    if (state == null) {
      return;
    }
    state.binding.undo();
    String stall = state.running == null ? null : state.session.stalls().end(state.running);
    boolean reported = context.getExecutionException().orElse(null) instanceof StallError;
    if (stall != null && !reported) {
      throw new StallError(stall, null);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    State state = state(context);
    if (state != null) {
      state.binding.undo();
    }
  }

  /** {@return the execution of the enclosing class, or null if there is none} */
  private static @Nullable TestExecution outer(ExtensionContext context) {
    for (ExtensionContext at = context.getParent().orElse(null);
        at != null;
        at = at.getParent().orElse(null)) {
      State state = state(at);
      if (state != null) {
        return state.execution();
      }
    }
    return null;
  }

  private static @Nullable State state(ExtensionContext context) {
    return context.getStore(NAMESPACE).get(context.getUniqueId(), State.class);
  }

  private static void put(ExtensionContext context, State state) {
    context.getStore(NAMESPACE).put(context.getUniqueId(), state);
  }

  /** {@return the class and method, and the number of the invocation if there are several} */
  private static String name(ExtensionContext context) {
    String type = context.getRequiredTestClass().getName();
    String method = context.getTestMethod().map(found -> "." + found.getName()).orElse("");
    String id = context.getUniqueId();
    int invocation = id.lastIndexOf("invocation:#");
    return type
        + method
        + (invocation < 0 || method.isEmpty()
            ? ""
            : id.substring(invocation + "invocation:".length()).replaceAll("[\\]/].*", ""));
  }
}
