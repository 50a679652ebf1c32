package com.example

import dev.holdfast.Deadline
import dev.holdfast.Fork
import dev.holdfast.Guard
import dev.holdfast.Outcome
import dev.holdfast.Restart
import dev.holdfast.Retry
import dev.holdfast.ScopeTimeoutException
import dev.holdfast.Scopes
import dev.holdfast.Worker
import dev.holdfast.channel.Channel
import dev.holdfast.channel.ChannelClosedException
import dev.holdfast.channel.ChannelSpec
import dev.holdfast.channel.Receiver
import dev.holdfast.channel.Select
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import java.util.function.Supplier
import java.util.stream.Stream
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** One line of Kotlin for each family of overloads. The declared types are the test. */
@Timeout(30)
class KotlinTest {

  private val runs = AtomicInteger()
  private val second = Duration.ofSeconds(1)

  private fun one() = 1

  private fun one(more: Int) = 1 + more

  private fun run() {
    runs.incrementAndGet()
  }

  @Test
  fun a_fork_has_the_type_of_its_lambda() {
    val sum: Int = Scopes.call<_, Nothing> { scope ->
      val fork: Fork<Int> = scope.fork { one() }
      val named: Fork<Int> = scope.fork("one") { one() }
      val callable: Fork<Int> = scope.fork(Callable { one() })
      val supplier = Supplier { one() }
      val supplied: Fork<Int> = scope.fork { supplier.get() }
      fork.join() + named.join() + callable.join() + supplied.join()
    }
    assertEquals(4, sum)
  }

  @Test
  fun a_fork_without_a_value_runs() {
    val runnable = Runnable { run() }
    Scopes.run<Nothing> { scope ->
      scope.fork { run() }
      scope.fork("run") { run() }
      scope.fork { runnable.run() }
    }
    assertEquals(3, runs.get())
  }

  @Test
  fun combinators_have_the_types_of_their_lambdas() {
    val both: Int = Scopes.fanOut<_, _, _, Nothing>({ one() }, { one(1) }, { a, b -> a + b })
    val three: Int = Scopes.fanOut<_, _, _, _, Nothing>({ 1 }, { 2 }, { 3 }, { a, b, c -> a + b + c })
    val each: List<Int> = Scopes.fanOut<_, _, Nothing>(listOf(1, 2)) { one(it) }
    val limited: List<Int> = Scopes.limit(2).fanOut<_, _, Nothing>(listOf(1, 2)) { one(it) }
    val first: Int = Scopes.race<_, _, Nothing>(listOf(1)) { one(it) }
    val most: List<Int> = Scopes.quorum<_, _, Nothing>(1, listOf(1)) { one(it) }
    val settled: List<Outcome<Int, Int>> = Scopes.settle(listOf(1)) { one(it) }
    assertEquals(3, both)
    assertEquals(6, three)
    assertEquals(listOf(2, 3), each)
    assertEquals(each, limited)
    assertEquals(2, first)
    assertEquals(listOf(2), most)
    val value =
      when (val outcome = settled.single()) {
        is Outcome.Success -> outcome.value()
        is Outcome.Failure -> throw outcome.cause()
        is Outcome.Unfinished -> 0
      }
    assertEquals(2, value)
  }

  @Test
  fun combinators_without_a_result_take_lambdas() {
    Scopes.forEach<_, Nothing>(listOf(1, 2)) { runs.addAndGet(it) }
    Scopes.each<_, _, Nothing>(listOf(1, 2), { one(it) }) { runs.addAndGet(it) }
    Scopes.fanOut<Nothing>({ run() }, { run() })
    val raced: Int = Scopes.race<_, Nothing>({ one() }, { one() })
    assertEquals(1, raced)
    assertEquals(10, runs.get())
  }

  @Test
  fun scopes_take_settings_and_clean_up() {
    val deadline: Deadline = Scopes.deadline()
    val value: Int =
      Scopes.named("kotlin").timeout(second).deadline(deadline).call<_, Nothing> { scope ->
        scope.onExit { run() }
        scope.use(AutoCloseable { run() })
        scope.blocking<_, Nothing>({ run() }) { one() }
      }
    val shielded: Int = Scopes.shield<_, Nothing>(second) { one() }
    Scopes.shield<Nothing>(second) { run() }
    assertEquals(1, value)
    assertEquals(1, shielded)
    assertEquals(3, runs.get())
  }

  @Test
  fun workers_and_timers_take_lambdas() {
    val ticked = CountDownLatch(2)
    Scopes.run<Nothing> { scope ->
      val quiet: Worker<Void?> = scope.worker { ticked.await() }
      val named: Worker<Void?> = scope.worker("named", Restart.onFailure()) { ticked.await() }
      val ready: Worker<Int> = scope.worker("ready") { self: Worker<Int> -> self.ready(one()) }
      assertEquals(1, ready.awaitReady())
      scope.every(Duration.ofMillis(1)) { ticked.countDown() }
      scope.after(Duration.ofMillis(1)) { ticked.countDown() }
      val delays: Worker<Void?> =
        scope.worker { self: Worker<Void?> ->
          do {
            run()
          } while (!self.awaitStop(second))
        }
      ticked.await()
      val ended: String =
        Select.of(quiet.onJoin { "ended" }, Select.timeout(Duration.ofSeconds(20)) { "late" }).await()
      val forked: Int =
        Select.of(
            scope.fork { one() }.onJoin { it + 1 },
            Select.timeout(Duration.ofSeconds(20)) { -1 },
          )
          .await()
      assertEquals("ended", ended)
      assertEquals(2, forked)
      assertTrue(quiet.name() != named.name() && !delays.stopping())
    }
  }

  @Test
  fun channels_and_select_take_lambdas() {
    val sum = AtomicInteger()
    Scopes.run<Nothing> { scope ->
      val numbers: Receiver<Int> = scope.produce(2) { out -> repeat(3) { out.send(it) } }
      scope.consume(numbers, 1, { sum.addAndGet(it) }) { failed -> sum.addAndGet(failed.item()) }
      val channel: Channel<String> = scope.channel(ChannelSpec.of(1))
      channel.send("a")
      val length: Int =
        Select.of(channel.onReceive { it.length }, Select.timeout(second) { -1 }).await()
      assertEquals(1, length)
    }
    assertEquals(3, sum.get())
  }

  @Test
  fun settings_outcomes_and_retries_are_a_line_each() {
    val streamed: List<Int> = Scopes.fanOut<_, _, Nothing>(Stream.of(1, 2)) { one(it) }
    val isolated: Outcome<Fork<Int>, Int> =
      Scopes.isolated().call<_, Nothing> { scope -> scope.fork { one() }.outcome() }
    val joined: Int =
      Scopes.grace(second).call<_, Nothing> { scope -> scope.fork { one() }.join(second) }
    val unlimited: Deadline = Scopes.call<_, Nothing> { scope -> scope.deadline() }
    val hedged: Int = Scopes.hedge(second).race<_, _, Nothing>(listOf(1)) { one(it) }
    val settled: List<Outcome<Int, Int>> =
      Scopes.timeout(second).itemTimeout(second).settle<_, _, Nothing>(listOf(1), { one(it) }) { run() }
    val successes: List<Int> = Outcome.successes(settled)
    val failures: List<Outcome.Failure<Int, Int>> = Outcome.failures(settled)
    val retried: Int =
      Retry.attempts(2).backoff(Restart.onFailure()).on { it !is RuntimeException }.call<_, Nothing> { one() }
    Retry.attempts(2).run<Nothing> { run() }
    val rated: Int = Guard.named("rate").perSecond(100).call<_, Nothing> { one() }
    assertEquals(listOf(2, 3), streamed)
    assertTrue(isolated is Outcome.Success && !unlimited.isExpired)
    assertEquals(listOf(1, 2, 1, 1), listOf(joined, hedged, retried, rated))
    assertEquals(listOf(2), successes)
    assertEquals(0, failures.size)
    assertEquals(2, runs.get())
  }

  @Test
  fun ends_of_channels_are_a_line_each() {
    Scopes.run<Nothing> { scope ->
      val channel: Channel<Int> = scope.channel(1)
      assertNull(channel.tryReceive())
      channel.send(1)
      channel.close(IllegalStateException("marker"))
      val first: Int =
        Select.of(
            channel.onReceive { it }.`when` { !scope.isCancelled },
            Select.timeout(second) { -1 },
          )
          .await()
      val cause =
        assertThrows(ChannelClosedException::class.java) { channel.receive() }.cause
      channel.cancel()
      assertEquals(1, first)
      assertEquals("marker", cause?.message)
      assertTrue(channel.isEnded)
    }
    val late =
      assertThrows(ScopeTimeoutException::class.java) {
        Scopes.named("late").timeout(Duration.ofMillis(5)).run<Nothing> { Thread.sleep(60_000) }
      }
    assertEquals("late", late.scope())
    assertEquals(1, late.running().size)
  }

  @Test
  fun roots_and_guards_take_lambdas() {
    Scopes.named("root").open().use { root ->
      val value: Int = root.call<_, Nothing> { one() }
      root.run<Nothing> { scope -> scope.fork { run() } }
      assertEquals(1, value)
    }
    val guard = Guard.named("kotlin").maxConcurrent(1)
    val value: Int = guard.call<_, Nothing> { one() }
    assertTrue(guard.run<Nothing> { run() })
    assertEquals(1, value)
    assertEquals(2, runs.get())
  }
}
