package dev.holdfast.simulation;

import static dev.holdfast.simulation.Simulation.point;

import dev.holdfast.Fork;
import dev.holdfast.ScopeException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Select;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Bugs of users, each in a wrong and in a right form. */
final class UserBugs {

  private UserBugs() {}

  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError("the bug has struck");
    }
  }

  /** Runs code as tasks of one scope, and joins them. */
  private static void together(Schedules.Part... parts) throws InterruptedException {
    Scopes.run(scope -> {
      for (Schedules.Part part : parts) {
        scope.fork(part::run);
      }
      scope.join();
    });
  }

  static void putIfAbsentByHand(boolean right) throws Exception {
    var map = new ConcurrentHashMap<String, Integer>();
    Schedules.Part add =
        () -> {
          if (right) {
            map.merge("a", 1, Integer::sum);
          } else {
            Integer old = map.get("a");
            point();
            map.put("a", old == null ? 1 : old + 1);
          }
        };
    together(add, add);
    check(map.get("a") == 2);
  }

  static void abaOfAStack(boolean right) throws Exception {
    record Node(int value, Node next) {}
    Node third = new Node(3, null);
    Node second = new Node(2, third);
    Node first = new Node(1, second);
    var top = new AtomicReference<>(first);
    together(
        () -> {
          Node seen = top.get();
          Node after = seen.next();
          point();
          top.compareAndSet(seen, after);
        },
        () -> {
          point();
          top.set(second); // pops 1
          point();
          top.set(third); // pops 2
          point();
          top.set(right ? new Node(1, third) : first); // pushes 1 again, which still points to 2
        });
    check(!(top.get() == second));
  }

  static void semaphoresInTwoOrders(boolean right) throws Exception {
    var a = new Semaphore(1);
    var b = new Semaphore(1);
    together(
        () -> {
          a.acquire();
          point();
          b.acquire();
          b.release();
          a.release();
        },
        () -> {
          (right ? a : b).acquire();
          point();
          (right ? b : a).acquire();
          (right ? b : a).release();
          (right ? a : b).release();
        });
  }

  static void upgradeOfAReadLock(boolean right) throws Exception {
    var lock = new ReentrantReadWriteLock();
    Schedules.Part upgrade =
        () -> {
          lock.readLock().lockInterruptibly();
          try {
            point();
          } finally {
            if (right) {
              lock.readLock().unlock();
            }
          }
          lock.writeLock().lockInterruptibly(); // waits for all readers
          lock.writeLock().unlock();
        };
    if (right) {
      together(upgrade, upgrade);
    } else {
      together(upgrade, () -> point());
    }
  }

  static void countDownBeforeTheWork(boolean right) throws Exception {
    var done = new CountDownLatch(2);
    var result = new ConcurrentHashMap<Integer, Integer>();
    Scopes.run(scope -> {
      for (int i = 0; i < 2; i++) {
        int id = i;
        scope.fork(() -> {
          if (!right) {
            done.countDown();
          }
          point();
          result.put(id, id);
          if (right) {
            done.countDown();
          }
        });
      }
      done.await();
      check(result.size() == 2);
      scope.join();
    });
  }

  static void barrierThatOneMisses(boolean right) throws Exception {
    var barrier = new CyclicBarrier(2);
    var failed = new AtomicInteger();
    together(
        () -> {
          point();
          if (!right && failed.incrementAndGet() == 1) {
            return; // an early return on one path
          }
          barrier.await();
        },
        () -> {
          point();
          failed.incrementAndGet();
          barrier.await();
        });
  }

  static void queueThatIsPolledOnce(boolean right) throws Exception {
    BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
    var got = new AtomicInteger();
    together(
        () -> {
          point();
          queue.put(1);
        },
        () -> {
          point();
          Integer polled = right ? queue.take() : queue.poll();
          if (polled != null) {
            got.set(polled);
          }
        });
    check(got.get() == 1);
  }

  static void futureCompletedByOneOfTwo(boolean right) throws Exception {
    var future = new CompletableFuture<Integer>();
    var losers = new AtomicInteger();
    Schedules.Part complete =
        () -> {
          if (!future.isDone()) {
            point();
            if (!future.complete(1) && !right) {
              losers.incrementAndGet(); // forgets what it holds
            }
          }
        };
    together(complete, complete);
    check(losers.get() == 0);
  }

  @SuppressWarnings({"SynchronizeOnNonFinalField", "WaitNotInLoop"})
  static void waitWithoutALoop(boolean right) throws Exception {
    var lock = new ReentrantLock();
    Condition changed = lock.newCondition();
    var items = new ArrayList<Integer>();
    var empty = new AtomicInteger();
    Schedules.Part take =
        () -> {
          lock.lockInterruptibly();
          try {
            if (items.isEmpty()) {
              changed.await();
            }
            while (right && items.isEmpty()) {
              changed.await();
            }
            if (items.isEmpty()) {
              empty.incrementAndGet();
            } else {
              items.removeLast();
            }
          } finally {
            lock.unlock();
          }
        };
    Schedules.Part put =
        () -> {
          point();
          lock.lockInterruptibly();
          try {
            items.add(1);
            changed.signalAll();
          } finally {
            lock.unlock();
          }
        };
    together(take, take, put, put);
    check(empty.get() == 0);
  }

  static void idleTimeoutRacesWithTheAnswer(boolean right) throws Exception {
    var given = new AtomicInteger();
    var used = new AtomicInteger();
    Scopes.run(scope -> {
      Channel<Integer> pool = scope.channel(1);
      scope.fork(() -> {
        Scopes.sleep(Duration.ofMillis(10));
        given.incrementAndGet();
        pool.send(1);
      });
      Integer got =
          Select.of(pool.onReceive(each -> each), Select.timeout(Duration.ofMillis(10), () -> 0))
              .await();
      if (got == 0 && right) {
        got = pool.receive();
      }
      used.addAndGet(got);
      scope.join();
    });
    check(given.get() == used.get());
  }

  static void rendezvousInBothDirections(boolean right) throws Exception {
    Scopes.run(scope -> {
      Channel<Integer> there = scope.channel(0);
      Channel<Integer> back = scope.channel(right ? 2 : 0);
      scope.fork(() -> {
        for (int i = 0; i < 2; i++) {
          there.send(i);
        }
        for (int i = 0; i < 2; i++) {
          back.receive();
        }
      });
      scope.fork(() -> {
        for (int i = 0; i < 2; i++) {
          int got = there.receive();
          back.send(got); // the other still sends
        }
      });
      scope.join();
    });
  }

  static void cleanUpOfTheWrongGeneration(boolean right) throws Exception {
    var session = new AtomicReference<Object>();
    var lost = new AtomicInteger();
    Schedules.Part use =
        () -> {
          var mine = new Object();
          session.set(mine);
          point();
          if (right) {
            session.compareAndSet(mine, null);
          } else if (session.getAndSet(null) != mine) {
            lost.incrementAndGet();
          }
        };
    together(use, use);
    check(lost.get() == 0);
  }

  static void exceptionLeavesThePermit(boolean right) throws Exception {
    var permits = new Semaphore(1);
    var calls = new AtomicInteger();
    Schedules.Part call =
        () -> {
          permits.acquire();
          boolean ok = false;
          try {
            point();
            ok = calls.incrementAndGet() != 1;
          } finally {
            if (ok || right) {
              permits.release();
            }
          }
        };
    together(call, call);
  }

  static void cacheLoadedTwice(boolean right) throws Exception {
    var cache = new ConcurrentHashMap<String, Fork<Integer>>();
    var loads = new AtomicInteger();
    Scopes.run(scope -> {
      Schedules.Part load =
          () -> {
            if (right) {
              cache.computeIfAbsent("k", key -> scope.fork(loads::incrementAndGet));
            } else if (!cache.containsKey("k")) {
              point();
              cache.put("k", scope.fork(loads::incrementAndGet));
            }
          };
      load.run();
      if (!right) {
        cache.clear(); // an eviction
        load.run();
      }
      scope.join();
    });
    check(loads.get() == 1);
  }

  static void shutDownBeforeTheQueueIsEmpty(boolean right) throws Exception {
    var handled = new AtomicInteger();
    Scopes.run(scope -> {
      BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
      var stop = new boolean[1];
      Fork<?> handler =
          scope.fork(() -> {
            while (right ? !(stop[0] && queue.isEmpty()) : !stop[0]) {
              if (queue.poll() != null) {
                handled.incrementAndGet();
              }
              point();
            }
          });
      queue.add(1);
      point();
      queue.add(2);
      point();
      stop[0] = true;
      handler.join();
    });
    check(handled.get() == 2);
  }

  static void readOfTwoFields(boolean right) throws Exception {
    var pair = new AtomicReference<>(List.of(0, 0));
    int[] fields = {0, 0};
    var torn = new AtomicInteger();
    together(
        () -> {
          for (int i = 1; i < 3; i++) {
            pair.set(List.of(i, i));
            fields[0] = i;
            point();
            fields[1] = i;
          }
        },
        () -> {
          point();
          List<Integer> seen = right ? pair.get() : List.of(fields[0], fields[1]);
          if (!seen.get(0).equals(seen.get(1))) {
            torn.incrementAndGet();
          }
        });
    check(torn.get() == 0);
  }

  static void retryThatHidesACancellation(boolean right) throws Exception {
    var rounds = new AtomicInteger();
    try {
      Scopes.timeout(Duration.ofMillis(5))
          .run(scope -> {
            scope.fork(() -> {
              for (int i = 0; i < 50; i++) {
                try {
                  rounds.incrementAndGet();
                  Scopes.sleep(Duration.ofMillis(2));
                } catch (InterruptedException e) {
                  if (right) {
                    throw e;
                  }
                }
              }
            });
            scope.join();
          });
    } catch (ScopeException late) {
      // as planned
    }
    check(rounds.get() <= 4);
  }
}
