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
 * The JUnit extension behind {@link LeakFree}. It is registered by that annotation, or by
 * auto-detection for every test. Registering it twice has the same effect as once.
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
   * store also shows the entries of the contexts around it.
   */
  private record State(
      LeakFreeExtension creator,
      LeakRules rules,
      ThreadBinding binding,
      @Nullable RunningTest running) {

    TestExecution execution() {
      return binding.execution();
    }
  }

  /** Creates an extension; called by JUnit. */
  public LeakFreeExtension() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    if (state(context) == null) {
      LeakRules rules = LeakFreeRules.of(context);
      TestExecution execution = begin(context);
      put(context, new State(this, rules, ThreadBinding.bind(execution), null));
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (state(context) == null) {
      LeakRules rules = LeakFreeRules.of(context);
      TestExecution outer = outer(context);
      TestExecution execution =
          outer != null && rules.perClass() && rules.enabled() ? outer : begin(context);
      ThreadBinding binding = ThreadBinding.bind(execution);
      RunningTest running =
          rules.enabled()
              ? LeakFreeSession.of(context).stalls().begin(execution, rules.failOnStall())
              : null;
      put(context, new State(this, rules, binding, running));
    }
  }

  private static TestExecution begin(ExtensionContext context) {
    var execution = new TestExecution(name(context), outer(context));
    LeakFreeSession.of(context).begin(execution);
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
    State state = take(context);
    if (state != null) {
      LeakFreeSession session = LeakFreeSession.of(context);
      String stall = state.running == null ? null : session.stalls().end(state.running);
      state.binding.undo();
      AssertionError leak =
          state.execution() == outer(context) ? null : session.end(state.execution(), state.rules);
      boolean reported = context.getExecutionException().orElse(null) instanceof StallError;
      if (stall != null && !reported) {
        var error = new StallError(stall, null);
        if (leak != null) {
          error.addSuppressed(leak);
        }
        throw error;
      } else if (leak != null) {
        throw leak;
      }
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    State state = take(context);
    if (state != null) {
      state.binding.undo();
      AssertionError leak = LeakFreeSession.of(context).end(state.execution(), state.rules);
      if (leak != null) {
        throw leak;
      }
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

  /**
   * Removes the state if this instance has stored it, because the extension may be registered
   * twice.
   */
  private @Nullable State take(ExtensionContext context) {
    State state = state(context);
    if (state == null || state.creator != this) {
      return null;
    }
    context.getStore(NAMESPACE).remove(context.getUniqueId());
    return state;
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
