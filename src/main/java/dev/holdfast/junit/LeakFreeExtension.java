package dev.holdfast.junit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Does what {@link LeakFree} says. Registered by that annotation, or by auto-detection for every
 * test; both at once is as one.
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

  /** What is kept for a class or a test, under its own identifier: stores show what is outside. */
  private record Kept(LeakFreeExtension by, Entered entered, @Nullable Running running) {}

  /** Makes one; JUnit does. */
  public LeakFreeExtension() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    if (kept(context) == null) {
      Session session = Session.of(context);
      var window = new Window(name(context), outer(context), Rules.of(context));
      session.begin(window);
      keep(context, new Kept(this, Entered.into(window), null));
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (kept(context) == null) {
      Session session = Session.of(context);
      Rules rules = Rules.of(context);
      Window outer = outer(context);
      Window window;
      if (rules.perClass() && outer != null && rules.on()) {
        window = outer;
      } else {
        window = new Window(name(context), outer, rules);
        session.begin(window);
      }
      keep(
          context,
          new Kept(this, Entered.into(window), rules.on() ? session.stalls().begin(window) : null));
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
      throws Throwable {
    Kept kept = kept(context);
    String stall = kept == null || kept.running == null ? null : kept.running.stall();
    if (stall == null || thrown instanceof StallError) {
      throw thrown;
    }
    throw new StallError(stall, thrown);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Kept kept = take(context);
    if (kept != null) {
      Session session = Session.of(context);
      String stall = kept.running == null ? null : session.stalls().end(kept.running);
      Window window = kept.entered.window();
      AssertionError leak = window == outer(context) ? null : check(session, kept.entered);
      kept.entered.leave();
      boolean told = context.getExecutionException().orElse(null) instanceof StallError;
      if (stall != null && !told) {
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
    Kept kept = take(context);
    if (kept != null) {
      AssertionError leak = check(Session.of(context), kept.entered);
      if (leak != null) {
        throw leak;
      }
    }
  }

  private static @Nullable AssertionError check(Session session, Entered entered) {
    entered.leave();
    Window window = entered.window();
    Rules rules = window.rules();
    try {
      if (!rules.on()) {
        return null;
      }
      Found found = session.leftovers(window);
      if (found.isEmpty()) {
        session.clean(window.name());
        return null;
      }
      return new AssertionError(session.report(window.name(), rules, found));
    } finally {
      session.end(window);
    }
  }

  /** {@return the window of the class around} */
  private static @Nullable Window outer(ExtensionContext context) {
    for (ExtensionContext at = context.getParent().orElse(null);
        at != null;
        at = at.getParent().orElse(null)) {
      Kept kept = kept(at);
      if (kept != null) {
        return kept.entered.window();
      }
    }
    return null;
  }

  private static @Nullable Kept kept(ExtensionContext context) {
    return context.getStore(NAMESPACE).get(context.getUniqueId(), Kept.class);
  }

  private static void keep(ExtensionContext context, Kept kept) {
    context.getStore(NAMESPACE).put(context.getUniqueId(), kept);
  }

  /** Takes what this very extension has put there: it may be registered twice. */
  private @Nullable Kept take(ExtensionContext context) {
    Kept kept = kept(context);
    if (kept == null || kept.by != this) {
      return null;
    }
    context.getStore(NAMESPACE).remove(context.getUniqueId());
    return kept;
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
