package dev.holdfast.simulation;

import dev.holdfast.internal.clock.SchedulerSettings;
import java.lang.reflect.Method;
import java.util.Optional;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Sets one carrier for all virtual threads before the first test, if a test is {@link Simulated}.
 * JUnit's launcher finds this class as a service.
 *
 * @since 0.1
 */
public final class SimulationSession implements LauncherSessionListener {

  /** Creates a listener; called by JUnit. */
  public SimulationSession() {}

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    session.getLauncher().registerTestExecutionListeners(new BeforeTests());
  }

  private static final class BeforeTests implements TestExecutionListener {

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
      boolean any =
          plan.getRoots().stream()
              .flatMap(root -> plan.getDescendants(root).stream())
              .anyMatch(BeforeTests::isSimulated);
      if (any && System.getProperty(SchedulerSettings.PARALLELISM) == null) {
        System.setProperty(SchedulerSettings.PARALLELISM, "1");
        if (System.getProperty(SchedulerSettings.MAX_POOL_SIZE) == null) {
          // On JDK 21 a monitor wait keeps its carrier; the other threads need another one.
          System.setProperty(SchedulerSettings.MAX_POOL_SIZE, "256");
        }
      }
    }

    private static boolean isSimulated(TestIdentifier test) {
      Optional<Method> method =
          test.getSource()
              .filter(source -> source instanceof MethodSource)
              .flatMap(source -> Optional.ofNullable(method((MethodSource) source)));
      return method.isPresent() && AnnotationSupport.isAnnotated(method.get(), Simulated.class);
    }

    private static @org.jspecify.annotations.Nullable Method method(MethodSource source) {
      try {
        return source.getJavaMethod();
      } catch (RuntimeException notFound) {
        return null;
      }
    }
  }
}
