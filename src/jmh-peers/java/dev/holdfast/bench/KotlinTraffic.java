package dev.holdfast.bench;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import kotlin.ResultKt;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.CoroutineContext;
import kotlin.coroutines.EmptyCoroutineContext;
import kotlin.coroutines.intrinsics.IntrinsicsKt;
import kotlin.coroutines.jvm.internal.ContinuationImpl;
import kotlin.jvm.functions.Function2;
import kotlinx.coroutines.BuildersKt;
import kotlinx.coroutines.CoroutineScope;
import kotlinx.coroutines.CoroutineStart;
import kotlinx.coroutines.Dispatchers;
import kotlinx.coroutines.TimeoutKt;
import kotlinx.coroutines.channels.BufferOverflow;
import kotlinx.coroutines.channels.Channel;
import kotlinx.coroutines.channels.ChannelKt;
import kotlinx.coroutines.selects.SelectImplementation;

/**
 * Channels of kotlinx.coroutines between coroutines, their natural users.
 *
 * <p>A coroutine stands for each virtual thread of the other peers. They run on {@code
 * Dispatchers.Default}, with as many workers as virtual threads have carriers. The loops below are
 * what the Kotlin compiler makes of a suspending loop: an object that is its own continuation,
 * hands itself to each suspending call, returns when that has suspended, and goes on where it was
 * when it is resumed. Nothing wraps a channel operation, and no thread blocks in one.
 */
final class KotlinTraffic implements Traffic {

  private static final Object SUSPENDED = IntrinsicsKt.getCOROUTINE_SUSPENDED();
  private static final MethodHandle TRY_SEND;
  private static final MethodHandle TRY_RECEIVE;

  static {
    // Before the dispatcher is initialized.
    System.setProperty(
        "kotlinx.coroutines.scheduler.core.pool.size",
        System.getProperty(
            "jdk.virtualThreadScheduler.parallelism",
            "" + Runtime.getRuntime().availableProcessors()));
    try {
      // Java cannot spell these names; called through constants they cost what a call costs.
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      TRY_SEND =
          lookup.findVirtual(
              Channel.class, "trySend-JP2dKIU", MethodType.methodType(Object.class, Object.class));
      TRY_RECEIVE =
          lookup.findVirtual(
              Channel.class, "tryReceive-PtdJZtk", MethodType.methodType(Object.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static Channel<Object> open(int capacity) {
    return ChannelKt.Channel(capacity, BufferOverflow.SUSPEND, null);
  }

  /** Starts coroutines and waits until all have ended. */
  private static void run(Consumer<CoroutineScope> start) throws InterruptedException {
    BuildersKt.runBlocking(
        (CoroutineContext) Dispatchers.getDefault(),
        (scope, end) -> {
          start.accept(scope);
          return Unit.INSTANCE;
        });
  }

  private static void launch(
      CoroutineScope scope, Function<Continuation<? super Unit>, Loop> loop) {
    BuildersKt.launch(
        scope,
        EmptyCoroutineContext.INSTANCE,
        CoroutineStart.DEFAULT,
        (self, end) -> loop.apply(end).invokeSuspend(Unit.INSTANCE));
  }

  @Override
  public void alone(int capacity, int elements) throws Exception {
    Channel<Object> channel = open(capacity);
    run(scope -> launch(scope, end -> new Alone(channel, elements, end)));
  }

  @Override
  public void aloneTimed(int capacity, int elements) throws Exception {
    Channel<Object> channel = open(capacity);
    run(scope -> launch(scope, end -> new AloneTimed(channel, elements, end)));
  }

  @Override
  public void aloneTrying(int capacity, int elements) throws Exception {
    Channel<Object> channel = open(capacity);
    run(scope -> launch(scope, end -> new AloneTrying(channel, elements, end)));
  }

  @Override
  public void crowds(int capacity, int channels, int each, int elements) throws Exception {
    int share = elements / (channels * each);
    run(scope -> {
      for (int c = 0; c < channels; c++) {
        Channel<Object> channel = open(capacity);
        for (int i = 0; i < each; i++) {
          launch(scope, end -> new Send(channel, share, end));
          launch(scope, end -> new Receive(channel, share, end));
        }
      }
    });
  }

  @Override
  public void chain(int capacity, int channels, int elements) throws Exception {
    run(scope -> {
      Channel<Object> first = open(capacity);
      Channel<Object> last = first;
      for (int c = 1; c < channels; c++) {
        Channel<Object> in = last;
        Channel<Object> out = open(capacity);
        launch(scope, end -> new PassOn(in, out, elements, end));
        last = out;
      }
      Channel<Object> sink = last;
      launch(scope, end -> new Send(first, elements, end));
      launch(scope, end -> new Receive(sink, elements, end));
    });
  }

  @Override
  public void select(int capacity, int channels, int elements) throws Exception {
    int share = elements / channels;
    run(scope -> {
      List<Channel<Object>> all = new ArrayList<>();
      for (int c = 0; c < channels; c++) {
        Channel<Object> channel = open(capacity);
        all.add(channel);
        launch(scope, end -> new Send(channel, share, end));
      }
      launch(scope, end -> new Selecting(all, share * channels, end));
    });
  }

  /** A suspending function that takes the same step so many times. */
  private abstract static class Loop extends ContinuationImpl {

    private int left;

    @SuppressWarnings("unchecked")
    Loop(int times, Continuation<? super Unit> end) {
      super((Continuation<Object>) (Continuation<?>) end);
      left = times;
    }

    /**
     * {@return what the suspending call at the end of the step has returned}
     *
     * @param last what came of the step before
     */
    abstract Object step(Object last);

    @Override
    protected final Object invokeSuspend(Object result) {
      ResultKt.throwOnFailure(result);
      Object last = result;
      while (left > 0) {
        left--; // now: once suspended, it may go on elsewhere at the same time
        last = step(last);
        if (last == SUSPENDED) {
          return SUSPENDED;
        }
      }
      return Unit.INSTANCE;
    }

    static void check(boolean done) {
      if (!done) {
        throw new IllegalStateException("it was to be ready");
      }
    }
  }

  private static final class Send extends Loop {

    private final Channel<Object> channel;

    Send(Channel<Object> channel, int times, Continuation<? super Unit> end) {
      super(times, end);
      this.channel = channel;
    }

    @Override
    Object step(Object last) {
      return channel.send(ELEMENT, this);
    }
  }

  private static final class Receive extends Loop {

    private final Channel<Object> channel;

    Receive(Channel<Object> channel, int times, Continuation<? super Unit> end) {
      super(times, end);
      this.channel = channel;
    }

    @Override
    Object step(Object last) {
      return channel.receive(this);
    }
  }

  private static final class PassOn extends Loop {

    private final Channel<Object> in;
    private final Channel<Object> out;

    PassOn(Channel<Object> in, Channel<Object> out, int times, Continuation<? super Unit> end) {
      super(2 * times, end);
      this.in = in;
      this.out = out;
    }

    @Override
    Object step(Object last) {
      return last == Unit.INSTANCE ? in.receive(this) : out.send(last, this);
    }
  }

  private static final class Alone extends Loop {

    private final Channel<Object> channel;

    Alone(Channel<Object> channel, int times, Continuation<? super Unit> end) {
      super(times, end);
      this.channel = channel;
    }

    @Override
    Object step(Object last) {
      check(channel.send(ELEMENT, this) != SUSPENDED);
      return channel.receive(this);
    }
  }

  private static final class AloneTimed extends Loop {

    private final Channel<Object> channel;
    private final Function2<CoroutineScope, Continuation<? super Object>, Object> receive;

    AloneTimed(Channel<Object> channel, int times, Continuation<? super Unit> end) {
      super(times, end);
      this.channel = channel;
      this.receive = (scope, self) -> channel.receive(self);
    }

    @Override
    Object step(Object last) {
      check(channel.send(ELEMENT, this) != SUSPENDED);
      return TimeoutKt.withTimeoutOrNull(1000L, receive, this);
    }
  }

  private static final class AloneTrying extends Loop {

    private final Channel<Object> channel;

    AloneTrying(Channel<Object> channel, int times, Continuation<? super Unit> end) {
      super(times, end);
      this.channel = channel;
    }

    @Override
    Object step(Object last) {
      try {
        check((Object) TRY_SEND.invokeExact(channel, (Object) ELEMENT) == Unit.INSTANCE);
        check((Object) TRY_RECEIVE.invokeExact(channel) == ELEMENT);
        return ELEMENT;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final class Selecting extends Loop {

    private final List<Channel<Object>> channels;

    Selecting(List<Channel<Object>> channels, int times, Continuation<? super Unit> end) {
      super(times, end);
      this.channels = channels;
    }

    // The body of kotlinx.coroutines.selects.select, which is inline.
    @Override
    Object step(Object last) {
      var select = new SelectImplementation<Object>(getContext());
      for (Channel<Object> channel : channels) {
        select.invoke(channel.getOnReceive(), (element, self) -> element);
      }
      return select.doSelect(this);
    }
  }
}
