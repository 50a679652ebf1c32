package dev.holdfast.simulation;

import static dev.holdfast.simulation.Simulation.point;

import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Select;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Programs with a bug each. */
final class Bugs {

  private Bugs() {}

  static Map<String, Simulation.Body> all() {
    var all = new LinkedHashMap<String, Simulation.Body>();
    all.put("lost update", Bugs::lostUpdate);
    all.put("check, then act", Bugs::checkThenAct);
    all.put("locks in two orders", Bugs::locksInTwoOrders);
    all.put("lost signal", Bugs::lostSignal);
    all.put("four switches deep", Bugs::fourSwitchesDeep);
    all.put("double initialisation", Bugs::doubleInitialisation);
    all.put("channels in a circle", Bugs::channelsInACircle);
    all.put("permit lost on a timeout", Bugs::permitLostOnATimeout);
    all.put("stale read of a cache", Bugs::staleCache);
    all.put("flag published too early", Bugs::publishedTooEarly);
    all.put("counter of active tasks", Bugs::counterOfActiveTasks);
    all.put("notification of one of two", Bugs::notificationOfOne);
    all.put("transfer seen half-way", Bugs::transferSeenHalfWay);
    all.put("retry after success", Bugs::retryAfterSuccess);
    all.put("close before the last send", Bugs::closeBeforeLastSend);
    all.put("overtaken by a whole lap", Bugs::overtakenByALap);
    return all;
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError("the bug has struck");
    }
  }

  static void lostUpdate(Simulation simulation) throws Exception {
    int[] n = {0};
    Scopes.run(s -> {
      for (int i = 0; i < 3; i++) {
        s.fork(() -> {
          for (int k = 0; k < 3; k++) {
            point();
            int v = n[0];
            point();
            n[0] = v + 1;
          }
        });
      }
      s.join();
    });
    check(n[0] == 9);
  }

  static void checkThenAct(Simulation simulation) throws Exception {
    var bad = new AtomicInteger();
    Scopes.run(s -> {
      Channel<Integer> c = s.channel(4);
      c.send(1);
      for (int i = 0; i < 2; i++) {
        s.fork(() -> {
          point();
          if (c.size() > 0) {
            point();
            if (c.tryReceive() == null) {
              bad.incrementAndGet();
            }
          }
        });
      }
      s.join();
    });
    check(bad.get() == 0);
  }

  static void locksInTwoOrders(Simulation simulation) throws Exception {
    var a = new ReentrantLock();
    var b = new ReentrantLock();
    Scopes.timeout(Duration.ofMillis(30))
        .run(s -> {
          s.fork(() -> lockBoth(a, b));
          s.fork(() -> lockBoth(b, a));
          s.join();
        });
  }

  private static void lockBoth(ReentrantLock first, ReentrantLock second)
      throws InterruptedException {
    point();
    first.lockInterruptibly();
    try {
      point();
      second.lockInterruptibly();
      second.unlock();
    } finally {
      first.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // that is the bug
  static void lostSignal(Simulation simulation) throws Exception {
    var lock = new ReentrantLock();
    Condition condition = lock.newCondition();
    var flag = new AtomicBoolean();
    Scopes.timeout(Duration.ofMillis(30))
        .run(s -> {
          s.fork(() -> {
            point();
            if (!flag.get()) {
              point();
              lock.lock();
              try {
                condition.await();
              } finally {
                lock.unlock();
              }
            }
          });
          s.fork(() -> {
            point();
            flag.set(true);
            lock.lock();
            try {
              condition.signalAll();
            } finally {
              lock.unlock();
            }
          });
          s.join();
        });
  }

  static void fourSwitchesDeep(Simulation simulation) throws Exception {
    int[] state = {0};
    var bad = new AtomicBoolean();
    Scopes.run(s -> {
      s.fork(() -> {
        for (int i = 1; i <= 3; i++) {
          point();
          state[0] = i;
          point();
        }
      });
      s.fork(() -> {
        point();
        int a = state[0];
        point();
        int b = state[0];
        point();
        int c = state[0];
        point();
        int d = state[0];
        if (a == 0 && b == 1 && c == 2 && d == 3) {
          bad.set(true);
        }
      });
      s.join();
    });
    check(!bad.get());
  }

  static void doubleInitialisation(Simulation simulation) throws Exception {
    var made = new AtomicInteger();
    Object[] instance = {null};
    Scopes.run(s -> {
      for (int i = 0; i < 2; i++) {
        s.fork(() -> {
          if (instance[0] == null) {
            Scopes.checkpoint();
            instance[0] = new Object();
            made.incrementAndGet();
          }
        });
      }
      s.join();
    });
    check(made.get() == 1);
  }

  static void channelsInACircle(Simulation simulation) throws Exception {
    Scopes.run(s -> {
      List<Channel<Integer>> sticks = List.of(s.channel(1), s.channel(1), s.channel(1));
      for (Channel<Integer> stick : sticks) {
        stick.send(1);
      }
      for (int i = 0; i < 3; i++) {
        Channel<Integer> left = sticks.get(i);
        Channel<Integer> right = sticks.get((i + 1) % 3);
        s.fork(() -> {
          left.receive();
          right.receive();
          right.send(1);
          left.send(1);
        });
      }
      s.join();
    });
  }

  static void permitLostOnATimeout(Simulation simulation) throws Exception {
    var permits = new AtomicInteger(1);
    for (int i = 0; i < 2; i++) {
      try {
        Scopes.timeout(Duration.ofMillis(10))
            .run(s -> {
              Channel<Integer> answer = s.channel(1);
              s.fork(() -> {
                Scopes.sleep(Duration.ofMillis(9));
                point();
                Scopes.sleep(Duration.ofMillis(simulation.random().nextInt(3)));
                answer.send(1);
              });
              permits.decrementAndGet();
              answer.receive();
              permits.incrementAndGet(); // not in a finally block
            });
      } catch (dev.holdfast.ScopeTimeoutException e) {
        // as planned
      }
    }
    check(permits.get() == 1);
  }

  static void staleCache(Simulation simulation) throws Exception {
    Map<String, Integer> store = new HashMap<>(Map.of("a", 1));
    Map<String, Integer> cache = new HashMap<>();
    Scopes.run(s -> {
      s.fork(() -> {
        int read = store.get("a");
        point();
        cache.put("a", read);
      });
      s.fork(() -> {
        point();
        store.put("a", 2);
        cache.remove("a");
      });
      s.join();
    });
    check(cache.getOrDefault("a", 2) == 2);
  }

  static void publishedTooEarly(Simulation simulation) throws Exception {
    boolean[] done = {false};
    int[] result = {0};
    var seen = new AtomicInteger(-1);
    Scopes.run(s -> {
      s.fork(() -> {
        done[0] = true;
        point();
        result[0] = 42;
      });
      s.fork(() -> {
        point();
        if (done[0]) {
          seen.set(result[0]);
        }
      });
      s.join();
    });
    check(seen.get() != 0);
  }

  static void counterOfActiveTasks(Simulation simulation) throws Exception {
    var active = new AtomicInteger();
    var idleTooEarly = new AtomicBoolean();
    var finished = new AtomicInteger();
    Scopes.run(s -> {
      for (int i = 0; i < 3; i++) {
        s.fork(() -> {
          active.incrementAndGet(); // by the task, not by the thread that starts it
          point();
          finished.incrementAndGet();
          active.decrementAndGet();
        });
      }
      point();
      if (active.get() == 0 && finished.get() < 3) {
        idleTooEarly.set(true);
      }
      s.join();
    });
    check(!idleTooEarly.get());
  }

  static void notificationOfOne(Simulation simulation) throws Exception {
    var items = new Semaphore(0);
    var queue = new ArrayList<Integer>();
    var lock = new ReentrantLock();
    Condition changed = lock.newCondition();
    Scopes.run(s -> {
      for (int i = 0; i < 2; i++) {
        s.fork(() -> { // takes one
          point();
          lock.lock();
          try {
            point();
            while (queue.isEmpty()) {
              changed.await();
            }
            queue.removeFirst();
            changed.signal();
          } finally {
            lock.unlock();
          }
        });
        s.fork(() -> { // puts one, while there is none
          point();
          lock.lock();
          try {
            point();
            while (!queue.isEmpty()) {
              changed.await();
            }
            queue.add(1);
            changed.signal();
          } finally {
            lock.unlock();
          }
          items.release();
        });
      }
      s.join();
    });
  }

  static void transferSeenHalfWay(Simulation simulation) throws Exception {
    int[] accounts = {50, 50};
    var sum = new AtomicInteger(100);
    Scopes.run(s -> {
      s.fork(() -> {
        accounts[0] -= 10;
        point();
        accounts[1] += 10;
      });
      s.fork(() -> {
        point();
        sum.set(accounts[0] + accounts[1]);
      });
      s.join();
    });
    check(sum.get() == 100);
  }

  static void retryAfterSuccess(Simulation simulation) throws Exception {
    var charged = new AtomicInteger();
    Scopes.run(s -> {
      Channel<String> answers = s.channel(ChannelSpec.of(2));
      s.fork(() -> {
        Scopes.sleep(Duration.ofMillis(100));
        charged.incrementAndGet();
        answers.send("ok");
      });
      var result = new CompletableFuture<String>();
      Select<Boolean> first =
          Select.of(
              answers.onReceive(result::complete),
              Select.timeout(Duration.ofMillis(100), () -> false));
      if (!first.await()) {
        s.fork(() -> {
          charged.incrementAndGet();
          answers.send("ok");
        });
        answers.receive();
      }
      s.join();
    });
    check(charged.get() == 1);
  }

  static void closeBeforeLastSend(Simulation simulation) throws Exception {
    Scopes.run(s -> {
      Channel<Integer> work = s.channel(0);
      var left = new AtomicInteger(2);
      for (int i = 0; i < 2; i++) {
        s.fork(() -> {
          boolean isLast = left.decrementAndGet() == 0; // before its own send
          work.send(1);
          if (isLast) {
            work.close();
          }
        });
      }
      List<Integer> got = new ArrayList<>();
      work.forEach(got::add);
      check(got.size() == 2);
      s.join();
    });
  }

  static void overtakenByALap(Simulation simulation) throws Exception {
    int[] ring = {0, 1, 2, 3, 4, 5, 6, 7};
    var seen = new AtomicInteger();
    Scopes.run(s -> {
      s.fork(() -> {
        for (int i = 8; i < 32; i++) {
          point();
          ring[i % 8] = i;
        }
      });
      s.fork(() -> {
        int before = ring[0];
        point();
        seen.set(ring[0] - before);
      });
      s.join();
    });
    check(seen.get() <= 16);
  }
}
