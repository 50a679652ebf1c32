package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.export.Collapsed;
import dev.holdfast.diagnostics.export.FlamePage;
import dev.holdfast.diagnostics.export.Pprof;
import dev.holdfast.diagnostics.export.StackCounts;
import dev.holdfast.internal.util.Printable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The exports that a command line requests.
 *
 * @param collapsed whether to print collapsed stacks
 * @param pprof the file for a profile, or null
 * @param flame the file for a flame graph, or null
 */
record Exports(boolean collapsed, @Nullable Path pprof, @Nullable Path flame) {

  boolean any() {
    return collapsed || pprof != null || flame != null;
  }

  void write(ThreadDump dump, PrintStream out) throws IOException {
    StackCounts counts = StackCounts.of(dump.threads());
    if (pprof != null) {
      write(pprof, Pprof.of(counts, dump.time()), out);
    }
    if (flame != null) {
      String summary = "%d threads, %d stacks".formatted(counts.threads(), counts.byName().size());
      write(flame, FlamePage.of(counts).toHtml("Threads " + source(dump), summary), out);
    }
    if (collapsed) {
      out.print(Collapsed.of(counts));
    }
  }

  void writeDiff(ThreadDump from, ThreadDump to, PrintStream out) throws IOException {
    StackCounts before = StackCounts.of(from.threads());
    StackCounts after = StackCounts.of(to.threads());
    if (pprof != null) {
      write(pprof, Pprof.ofDiff(before, after, to.time()), out);
    }
    if (flame != null) {
      String summary =
          "From %d threads at %s to %d at %s"
              .formatted(before.threads(), from.time(), after.threads(), to.time());
      String title = "Change of threads " + source(to);
      write(flame, FlamePage.ofDiff(before, after).toHtml(title, summary), out);
    }
    if (collapsed) {
      out.print(Collapsed.ofDiff(before, after));
    }
  }

  private static String source(ThreadDump dump) {
    return (dump.pid() == 0 ? "at " : "of process " + dump.pid() + " at ") + dump.time();
  }

  private void write(Path file, String page, PrintStream out) throws IOException {
    Files.writeString(file, page);
    wrote(file, out);
  }

  private void write(Path file, byte[] profile, PrintStream out) throws IOException {
    Files.write(file, profile);
    wrote(file, out);
  }

  /**
   * Prints a line that names the file, unless the output is collapsed stacks, which another program
   * may read.
   */
  private void wrote(Path file, PrintStream out) {
    if (!collapsed) {
      out.println("Wrote " + Printable.of(file.toString()));
    }
  }
}
