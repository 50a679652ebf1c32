package dev.holdfast.simulation;

import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * The JUnit extension behind {@link Simulated}.
 *
 * @since 0.1
 */
public final class SimulatedExtension implements TestTemplateInvocationContextProvider {

  /** The system property with the only seed to run. */
  private static final String SEED = "holdfast.seed";

  /** Creates an extension; called by JUnit. */
  public SimulatedExtension() {}

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return AnnotationSupport.isAnnotated(context.getTestMethod(), Simulated.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    Simulated settings =
        AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Simulated.class)
            .orElseThrow();
    SimulationSpec spec =
        SimulationSpec.DEFAULT
            .strategy(settings.strategy())
            .faults(settings.faults())
            .steps(settings.steps());
    var failed = new AtomicBoolean();
    String only = System.getProperty(SEED);
    LongStream seeds =
        only != null
            ? LongStream.of(parse(only))
            : LongStream.range(settings.from(), settings.from() + settings.seeds());
    return seeds
        .takeWhile(seed -> !failed.get())
        .mapToObj(seed -> new Invocation(spec, seed, failed));
  }

  private static long parse(String seed) {
    try {
      return Long.parseLong(seed.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "The system property " + SEED + " must be a whole number, was '" + seed + "'", e);
    }
  }

  /** The test with one seed. */
  private static final class Invocation
      implements TestTemplateInvocationContext, ParameterResolver, InvocationInterceptor {

    private final SimulationSpec spec;
    private final long seed;
    private final AtomicBoolean failed;
    private final Simulation simulation;

    Invocation(SimulationSpec spec, long seed, AtomicBoolean failed) {
      this.spec = spec;
      this.seed = seed;
      this.failed = failed;
      this.simulation = new Simulation(seed);
    }

    @Override
    public String getDisplayName(int index) {
      return "seed " + seed;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(this);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Simulation.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return simulation;
    }

    @Override
    public void interceptTestTemplateMethod(
        InvocationInterceptor.Invocation<@org.jspecify.annotations.Nullable Void> invocation,
        ReflectiveInvocationContext<Method> method,
        ExtensionContext context)
        throws Throwable {
      try {
        new Run(spec, seed)
            .check(
                simulation,
                self -> self.inScope(inside -> invocation.proceed()),
                () -> Repetition.of(method));
      } catch (SimulationError e) {
        Throwable cause = e.getCause();
        if (cause != null
            && cause.getClass().getName().equals("org.opentest4j.TestAbortedException")) {
          throw cause;
        }
        failed.set(true);
        throw e;
      } catch (IllegalStateException e) { // more than one carrier: the same for every seed
        failed.set(true);
        throw e;
      }
    }
  }
}
