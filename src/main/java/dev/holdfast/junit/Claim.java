package dev.holdfast.junit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says which threads somebody has to answer for. */
interface Claim {

  /**
   * {@return whether a thread is one of them}
   *
   * @param thread the thread, null if only its identifier is known
   */
  boolean isMine(@Nullable Thread thread, long id);

  /** {@return whether what runs on a worker of the common pool is} */
  boolean isMineFromPool(Thread worker);

  /** {@return the frames from which a thread was created, none if that is not known} */
  List<StackTraceElement> createdFrom(long id);
}
