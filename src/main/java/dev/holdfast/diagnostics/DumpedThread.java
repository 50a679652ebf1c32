package dev.holdfast.diagnostics;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thread of a {@link ThreadDump}.
 *
 * <p>JVMs before JDK 25 write the identifier, the name and the stack only. JDK 25 adds what a
 * thread waits for. JDK 26 and updates of 25 add the owner of that object. Components that a dump
 * does not contain are {@code null} or empty. Objects appear as {@code type@hash}, such as {@code
 * java.lang.Object@1abca4d1}; in dumps with more than a hundred thousand of them, some appear as
 * {@code type} only.
 *
 * @param id the identifier; see {@link Thread#threadId()}
 * @param name the name; empty if it has none, as is usual for virtual threads
 * @param virtual whether it is a virtual thread; for JDKs before 25 this comes from its stack
 * @param state the state, or {@code null}
 * @param stack the frames, innermost first; empty for threads of the virtual machine
 * @param blockedOn the object whose monitor it tries to enter, or {@code null}
 * @param waitingOn the object on which it called {@link Object#wait()}, or {@code null}
 * @param parkBlocker the object it is parked for, or {@code null}
 * @param parkBlockerOwner the identifier of the thread that owns {@code parkBlocker}, or {@code
 *     null}
 * @param monitorsOwned the objects whose monitors it holds
 * @param carrier the identifier of the carrier thread of this virtual thread, or {@code null}
 * @since 0.1
 */
public record DumpedThread(
    long id,
    String name,
    boolean virtual,
    Thread.@Nullable State state,
    List<StackTraceElement> stack,
    @Nullable String blockedOn,
    @Nullable String waitingOn,
    @Nullable String parkBlocker,
    @Nullable Long parkBlockerOwner,
    List<String> monitorsOwned,
    @Nullable Long carrier) {

  /** Copies the lists. */
  public DumpedThread {
    Objects.requireNonNull(name, "name");
    stack = List.copyOf(stack);
    monitorsOwned = List.copyOf(monitorsOwned);
  }
}
