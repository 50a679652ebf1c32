package dev.holdfast.bench;

import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Traffic between the forks of one scope, on virtual threads. Peers differ only in the channel. */
abstract class ThreadTraffic implements Traffic {

  abstract Pipe open(Scope scope, int capacity);

  /** {@return a select over the pipes} */
  Callable<Integer> select(List<Pipe> pipes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void alone(int capacity, int elements) throws Exception {
    Scopes.run(scope -> {
      Pipe pipe = open(scope, capacity);
      scope.fork(() -> {
        for (int i = 0; i < elements; i++) {
          pipe.send(ELEMENT);
          check(pipe.receive());
        }
      });
    });
  }

  @Override
  public void aloneTimed(int capacity, int elements) throws Exception {
    Scopes.run(scope -> {
      Pipe pipe = open(scope, capacity);
      scope.fork(() -> {
        for (int i = 0; i < elements; i++) {
          pipe.send(ELEMENT);
          check(pipe.receiveWithinASecond());
        }
      });
    });
  }

  @Override
  public void aloneTrying(int capacity, int elements) throws Exception {
    Scopes.run(scope -> {
      Pipe pipe = open(scope, capacity);
      scope.fork(() -> {
        for (int i = 0; i < elements; i++) {
          if (!pipe.trySend(ELEMENT)) {
            throw new IllegalStateException("not sent");
          }
          check(pipe.tryReceive());
        }
      });
    });
  }

  @Override
  public void crowds(int capacity, int channels, int each, int elements) throws Exception {
    int share = elements / (channels * each);
    Scopes.run(scope -> {
      for (int c = 0; c < channels; c++) {
        Pipe pipe = open(scope, capacity);
        for (int i = 0; i < each; i++) {
          scope.fork(() -> send(pipe, share));
          scope.fork(() -> receive(pipe, share));
        }
      }
    });
  }

  @Override
  public void chain(int capacity, int channels, int elements) throws Exception {
    Scopes.run(scope -> {
      Pipe first = open(scope, capacity);
      Pipe last = first;
      for (int c = 1; c < channels; c++) {
        Pipe in = last;
        Pipe out = open(scope, capacity);
        scope.fork(() -> {
          for (int i = 0; i < elements; i++) {
            out.send(in.receive());
          }
        });
        last = out;
      }
      Pipe end = last;
      scope.fork(() -> send(first, elements));
      scope.fork(() -> receive(end, elements));
    });
  }

  @Override
  public void select(int capacity, int channels, int elements) throws Exception {
    int share = elements / channels;
    Scopes.run(scope -> {
      List<Pipe> pipes = new ArrayList<>();
      for (int c = 0; c < channels; c++) {
        Pipe pipe = open(scope, capacity);
        pipes.add(pipe);
        scope.fork(() -> send(pipe, share));
      }
      Callable<Integer> select = select(pipes);
      scope.fork(() -> {
        for (int i = 0; i < share * channels; i++) {
          check(select.call());
        }
      });
    });
  }

  private static void send(Pipe pipe, int elements) throws InterruptedException {
    for (int i = 0; i < elements; i++) {
      pipe.send(ELEMENT);
    }
  }

  private static void receive(Pipe pipe, int elements) throws InterruptedException {
    for (int i = 0; i < elements; i++) {
      check(pipe.receive());
    }
  }

  private static void check(Integer element) {
    if (element != ELEMENT) {
      throw new IllegalStateException("received " + element);
    }
  }
}
