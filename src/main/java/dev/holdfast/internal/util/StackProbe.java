package dev.holdfast.internal.util;

/** Detects a nearly full stack before a scope is opened, and not while the scope ends. */
public final class StackProbe {

  /*
   * A StackOverflowError in the code that ends a scope would leave threads, locks and the JDK's
   * scope behind. So an action that must be undone later begins only if the stack has room to undo
   * it: some 30 kB in interpreted code and 11 kB in compiled code.
   *
   * A method with 352 declared locals asks for that room without using it. The interpreter checks
   * the size of such a frame when it enters the method. Compiled code keeps no slot for a local
   * that is never assigned. But it may be deoptimized at any call, so in HotSpot a compiled method
   * checks on entry that the stack can hold its interpreted frames, including those of inlined
   * calls. The check touches one word per page. That costs about 8 ns; the 100 recursive calls that
   * would occupy as much stack cost 600.
   *
   * Parking a virtual thread needs extra room: to unmount the thread, the JVM walks its stack
   * recursively on the same stack. This can overflow although there is room for many more calls. In
   * a thread with many open scopes the probe therefore also yields once, from deeper down.
   *
   * Test: StackProbeTest, which also opens scopes until the stack overflows.
   */

  /**
   * How many frames the probe has: in interpreted code, enough room to load classes while a scope
   * ends.
   */
  private static final int FRAMES = 5;

  /** With this many open scopes on one thread, the probe also tries to unmount the thread. */
  private static final int DEEP = 16;

  /** The number of calls below the probe at which it yields; more than any later park needs. */
  private static final int CALLS_TO_PARK = 150;

  /**
   * The number of open scopes beyond which the nesting counts as an endless recursion. It might not
   * overflow by itself: whenever a virtual thread parks, its stack moves to the heap and the thread
   * continues on an empty one.
   */
  private static final int DEEPEST = 1000;

  private StackProbe() {}

  /**
   * Returns if the stack has room to end the scope that begins now.
   *
   * @param depth how many scopes are open in the thread
   * @throws StackOverflowError if it has not
   */
  public static void ensureRoom(int depth) {
    if (depth >= DEEP) {
      probeDeep(depth);
    }
    probeMore(FRAMES);
  }

  /** Returns if the stack has room to undo an action that opens no scope. */
  public static void ensureRoom() {
    probe(FRAMES);
  }

  // The locals are never assigned. Because of the recursive call, compiled code checks their room.
  @SuppressWarnings("unused")
  private static int probe(int frames) {
    long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, aa, ab, ac, ad, ae, af, ag, ah, ai, aj, ak, al;
    long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, ba, bb, bc, bd, be, bf, bg, bh, bi, bj, bk, bl;
    long c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ca, cb, cc, cd, ce, cf, cg, ch, ci, cj, ck, cl;
    long d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, da, db, dc, dd, de, df, dg, dh, di, dj, dk, dl;
    long e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, ea, eb, ec, ed, ee, ef, eg, eh, ei, ej, ek, el;
    long f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, fa, fb, fc, fd, fe, ff, fg, fh, fi, fj, fk, fl;
    long g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, ga, gb, gc, gd, ge, gf, gg, gh, gi, gj, gk, gl;
    long h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, ha, hb, hc, hd, he, hf, hg, hh, hi, hj, hk, hl;
    long j0, j1, j2, j3, j4, j5, j6, j7, j8, j9, ja, jb, jc, jd, je, jf, jg, jh, ji, jj, jk, jl;
    long k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, ka, kb, kc, kd, ke, kf, kg, kh, ki, kj, kk, kl;
    long l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, la, lb, lc, ld, le, lf, lg, lh, li, lj, lk, ll;
    long m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, ma, mb, mc, md, me, mf, mg, mh, mi, mj, mk, ml;
    long n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, na, nb, nc, nd, ne, nf, ng, nh, ni, nj, nk, nl;
    long o0, o1, o2, o3, o4, o5, o6, o7, o8, o9, oa, ob, oc, od, oe, of, og, oh, oi, oj, ok, ol;
    long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, pa, pb, pc, pd, pe, pf, pg, ph, pi, pj, pk, pl;
    long q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, qa, qb, qc, qd, qe, qf, qg, qh, qi, qj, qk, ql;
    return frames == 0 ? 0 : probe(frames - 1) + 1;
  }

  /**
   * Probes for one frame more, because the end of the scope probes again when it cancels, a few
   * calls deeper. That frame belongs to a method of its own, because compiled code inlines a
   * recursive call only once, and checks the room of what it inlines.
   */
  @SuppressWarnings("unused")
  private static int probeMore(int frames) {
    long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, aa, ab, ac, ad, ae, af, ag, ah, ai, aj, ak, al;
    long b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, ba, bb, bc, bd, be, bf, bg, bh, bi, bj, bk, bl;
    long c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ca, cb, cc, cd, ce, cf, cg, ch, ci, cj, ck, cl;
    long d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, da, db, dc, dd, de, df, dg, dh, di, dj, dk, dl;
    long e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, ea, eb, ec, ed, ee, ef, eg, eh, ei, ej, ek, el;
    long f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, fa, fb, fc, fd, fe, ff, fg, fh, fi, fj, fk, fl;
    long g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, ga, gb, gc, gd, ge, gf, gg, gh, gi, gj, gk, gl;
    long h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, ha, hb, hc, hd, he, hf, hg, hh, hi, hj, hk, hl;
    long j0, j1, j2, j3, j4, j5, j6, j7, j8, j9, ja, jb, jc, jd, je, jf, jg, jh, ji, jj, jk, jl;
    long k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, ka, kb, kc, kd, ke, kf, kg, kh, ki, kj, kk, kl;
    long l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, la, lb, lc, ld, le, lf, lg, lh, li, lj, lk, ll;
    return probe(frames) + 1;
  }

  private static void probeDeep(int depth) {
    Thread thread = Thread.currentThread();
    if (depth >= DEEPEST) {
      throw new StackOverflowError(
          DEEPEST + " scopes are open inside one another on one thread: " + thread);
    }
    if (thread.isVirtual()) {
      unmount(CALLS_TO_PARK);
    }
  }

  @SuppressWarnings("ThreadPriorityCheck")
  private static int unmount(int calls) {
    if (calls == 0) {
      Thread.yield();
      return 0;
    }
    return unmount(calls - 1) + 1;
  }
}
