/**
 * Structured concurrency: blocks of code that end only when everything started in them has ended.
 *
 * <h2>The nouns</h2>
 *
 * <dl>
 *   <dt>{@link dev.holdfast.Scopes}, {@link dev.holdfast.ScopeSpec}
 *   <dd>open scopes: with default settings, or with a name, a timeout and a limit. A method of
 *       {@code Scopes} such as {@code named} starts a spec; all other settings are methods of the
 *       spec: {@code Scopes.named("prices").itemTimeout(timeout)}. The combinators {@code fanOut},
 *       {@code forEach}, {@code each}, {@code settle}, {@code race} and {@code quorum} open a scope
 *       for a single call.
 *   <dt>{@link dev.holdfast.Scope}
 *   <dd>the block. Its body starts tasks in it and registers resources with it.
 *   <dt>{@link dev.holdfast.Fork}
 *   <dd>the handle of a task whose result the scope waits for.
 *   <dt>{@link dev.holdfast.Worker}, {@link dev.holdfast.Restart}
 *   <dd>the handle of a task that runs alongside the forks and that the scope stops when they have
 *       ended; and the policy that decides whether to restart that task after a failure.
 *   <dt>{@link dev.holdfast.channel.Channel}
 *   <dd>a bounded queue between the tasks of a scope, closed by the scope.
 *   <dt>{@link dev.holdfast.Deadline}
 *   <dd>the moment by which a scope must have ended. A timeout creates one when the scope is
 *       opened.
 *   <dt>{@link dev.holdfast.RootScope}
 *   <dd>a scope that is opened and closed by separate calls, for services.
 *   <dt>{@link dev.holdfast.Guard}
 *   <dd>a limit on concurrent calls, shared by all callers.
 *   <dt>{@link dev.holdfast.Inspect}
 *   <dd>the live scopes and tasks, for diagnostics.
 * </dl>
 *
 * <h2>The model</h2>
 *
 * <p>A scope runs its body on the thread that opens it, the <em>owner</em>. Each task has a thread
 * of its own, virtual by default. A task that needs children opens a scope inside itself, so scopes
 * and tasks form a tree, and every thread has exactly one parent.
 *
 * <p>When the body has returned, the scope ends in this order:
 *
 * <ol>
 *   <li>it waits until the forks have ended;
 *   <li>it asks the workers to stop, and cancels those that still run after the {@linkplain
 *       dev.holdfast.ScopeSpec#grace grace};
 *   <li>it closes its channels, and waits until their consumers have handled what is left;
 *   <li>it closes its resources, last in, first out;
 *   <li>its call returns the value of the body.
 * </ol>
 *
 * <h2>Which threads may call what</h2>
 *
 * <p>Only the owner of a scope may start something in it: {@code fork}, {@code produce}, {@code
 * consume}, {@code worker}, {@code every}, {@code after}, {@code ticker} and {@code executor}; and
 * only the owner may {@code join}. Its tasks may also call {@code channel}, {@code use}, {@code
 * onExit}, {@code onCancel} and {@code blocking}. Any thread may call the other methods. A method
 * called from the wrong thread throws {@link java.lang.WrongThreadException}.
 *
 * <p>A cancelled scope starts nothing: its methods return a handle that is already cancelled. After
 * the end of a scope, its {@code cancel}, {@code isCancelled}, {@code deadline}, {@code name} and
 * {@code toString} may be called; the other methods throw {@link
 * dev.holdfast.ScopeClosedException}.
 *
 * <p>A method that starts a thread throws what the scope's {@linkplain
 * dev.holdfast.ScopeSpec#threads thread factory} throws; {@link
 * java.util.concurrent.RejectedExecutionException} if the factory returns no thread; and {@link
 * dev.holdfast.ScopeException} if a {@code ScopedValue} was bound since the scope was opened.
 * Methods reject an argument out of its range, such as a blank name, with {@link
 * java.lang.IllegalArgumentException}.
 *
 * <h2>When something goes wrong</h2>
 *
 * <p>The first of these events cancels everything in the scope. The scope still waits until all its
 * threads have ended, and then its call throws:
 *
 * <ul>
 *   <li>the body throws: that exception;
 *   <li>a fork or worker fails: {@link dev.holdfast.ForkFailedException}, whose cause is what the
 *       task threw. In an {@linkplain dev.holdfast.ScopeSpec#isolated isolated} scope a failed fork
 *       affects only the callers of its {@code join};
 *   <li>the deadline passes: {@link dev.holdfast.ScopeTimeoutException};
 *   <li>the owner is interrupted from outside, or the enclosing scope is cancelled: {@link
 *       java.lang.InterruptedException};
 *   <li>{@link dev.holdfast.Scope#cancel} is called: {@link dev.holdfast.ScopeCancelledException}
 *       if that interrupted the body. If the body still returns a value, the call returns it.
 * </ul>
 *
 * <p>A result that was ready before the deadline passed is returned.
 *
 * <p>Later failures are {@linkplain java.lang.Throwable#getSuppressed suppressed} on the exception,
 * except for:
 *
 * <ul>
 *   <li>the exceptions with which tasks react to the cancellation: {@code InterruptedException},
 *       {@code CancellationException}, {@code ScopeCancelledException} and {@code
 *       ClosedByInterruptException}. Exceptions that are suppressed on one of these are kept;
 *   <li>failures after the first 32, which are counted; the last {@link java.lang.Error} among them
 *       is kept;
 *   <li>failures that cannot be added, because the exception disables suppression, or was thrown
 *       before and already carries many suppressed exceptions. These failures go to the
 *       uncaught-exception handler;
 *   <li>the failures of forks in an isolated scope, of tasks that lost a race, and of a restarted
 *       worker, which Holdfast logs.
 * </ul>
 *
 * <p>If the call returns a value although tasks were cancelled, it drops their exceptions. But if a
 * task threw an {@code Error}, or a resource threw an exception, the call throws that instead of
 * returning the value.
 *
 * <h2>Cancellation</h2>
 *
 * <p>A cancelled scope interrupts its tasks, their scopes and its own body, and repeats this until
 * they have ended: after 10 ms (later if there are very many tasks), then at doubling intervals up
 * to a second. Every Holdfast operation that a cancelled task calls throws {@link
 * java.lang.InterruptedException} with a {@link dev.holdfast.ScopeCancelledException} as its cause.
 * An interrupt sent by Holdfast never outlives the scope it was sent for; an interrupt from outside
 * is never lost.
 *
 * <p>Java cannot stop a thread that ignores interrupts, so the scope waits for it. A second after
 * the grace the {@link java.lang.System.Logger} {@code dev.holdfast} logs a warning with the name
 * and the stack of such a task.
 *
 * <p>{@code Scope.onCancel} and {@code Scope.blocking} are for calls that an interrupt does not
 * reach. The actions of both run on threads of their own, with the context class loader and the
 * propagated thread-locals of the thread that registers them, and without its scoped values. An
 * action of {@code onCancel} runs once, before the first interrupt; tasks and body are interrupted
 * 10 ms after it has ended, or after half a second. The action of a {@code blocking} call runs at
 * doubling intervals from 10 ms to a second, until the call has returned, and nothing interrupts
 * the call. The action does not run in the first 100 ms of the call, because a driver may lose a
 * cancel request that arrives before its query. The action never overlaps itself and never runs
 * after the call. The scope waits for its actions, and its call throws what an action throws.
 *
 * <h2>Combinators</h2>
 *
 * <p>{@code fanOut}, {@code forEach}, {@code each}, {@code settle}, {@code race} and {@code quorum}
 * run tasks concurrently: at most the {@linkplain dev.holdfast.ScopeSpec#limit limit} of the spec,
 * {@link dev.holdfast.ScopeSpec#DEFAULT_LIMIT} by default. These methods, and {@code call} and
 * {@code run}, block until everything started in their scope has ended:
 *
 * <ul>
 *   <li>Any thread may call these methods, inside a scope or outside. The cancellation of a scope
 *       cancels the scopes inside it, and the earliest of their deadlines applies.
 *   <li>If the calling thread is interrupted or its task is cancelled, the call cancels the new
 *       scope, and throws {@link java.lang.InterruptedException} when its tasks have ended. If the
 *       task was cancelled before, the call starts nothing.
 *   <li>What the caller did before the call happens-before every task; what the tasks did
 *       happens-before the end of the call.
 *   <li>The call copies a collection when it begins. The calling thread reads any other {@code
 *       Iterable}, one item at a time, whenever another task may start. An exception of the {@code
 *       Iterable} is a failure too.
 *   <li>{@code Scopes.fanOut} also takes a {@code Stream}, and closes it. To use a stream with
 *       settings, pass {@code stream::iterator} and close the stream yourself.
 *   <li>The call rejects {@code null} items with {@link java.lang.NullPointerException}; results
 *       may be {@code null}.
 * </ul>
 *
 * <h2>Channels, resources and the executor</h2>
 *
 * <p>When the forks have ended, a scope closes its channels in the order in which they were opened,
 * each one when the consumers of the channels before it have ended. Producers, consumers and
 * workers do not count toward the {@linkplain dev.holdfast.ScopeSpec#limit limit}.
 *
 * <p>For a second, nothing interrupts the closing of a resource. Then the deadline of the scope and
 * every cancellation apply again: after the grace, Holdfast interrupts the closing like a task. If
 * the closing still does not end, Holdfast logs a warning that names the resource. If the closing
 * throws because of the interrupt, the call throws the exception of the cancellation, such as
 * {@link dev.holdfast.ScopeTimeoutException} for a deadline. Otherwise the call throws the
 * exception of the closing, or suppresses it on an earlier one.
 *
 * <p>An exception of a task given to the executor's {@code execute} goes to the uncaught-exception
 * handler. If the thread factory returns no thread for a second and no task runs, the scope fails.
 * A cancelled scope interrupts the running tasks and cancels the futures of those that wait, except
 * any {@code CompletableFuture}. When the body, the forks and the workers have ended, the scope
 * waits for the submitted tasks. From then on, and when its queue is full, the executor throws
 * {@link java.util.concurrent.RejectedExecutionException}.
 *
 * <h2>Values that no caller gets</h2>
 *
 * <p>The action of {@link dev.holdfast.ScopeSpec#onDiscarded} gets each of these values once,
 * except {@code null}:
 *
 * <ul>
 *   <li>the value of a task that returned after it was cancelled;
 *   <li>the value of a fork that no thread has joined when the scope ends, or that no thread can
 *       join any more, because its {@link dev.holdfast.Fork} was garbage-collected. After the
 *       action has got the value, {@code join} throws {@link dev.holdfast.ScopeClosedException};
 *   <li>a result of a race or quorum that came after the winners;
 *   <li>the results of a fan-out and the value of a body whose call throws.
 * </ul>
 *
 * <p>The action runs on the owner's thread, while the scope closes and before it closes its
 * resources. For the value of a body or a combinator, it runs after the resources have closed. For
 * a fork whose handle was garbage-collected, it runs on the thread of another fork. The scope
 * treats an exception of the action like the failure of a resource.
 *
 * <h2>Memory effects</h2>
 *
 * <p>What a thread does before it starts a task, sends an element or publishes a value
 * happens-before the task runs, the element is received, or the value is returned. What a task does
 * happens-before a {@code join} on it returns, its {@code isDone} returns {@code true}, and the
 * call of its scope ends.
 *
 * <h2>Null</h2>
 *
 * <p>Unless its description says otherwise, a method rejects a {@code null} argument with a {@link
 * java.lang.NullPointerException} that names the argument, and never returns {@code null}.
 */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;
