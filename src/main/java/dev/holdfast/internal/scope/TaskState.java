package dev.holdfast.internal.scope;

/** How far a task has come. */
public enum TaskState {
  RUNNING,
  SUCCESS,
  FAILED,
  CANCELLED
}
