package dev.holdfast.groovy;

import groovy.transform.stc.FromString;
import java.util.ArrayList;
import java.util.List;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.SourceUnit;

/** For Groovy's static compiler: a closure has one of the given lists of parameters, or none. */
public final class OrNone extends FromString {

  /** Called by the compiler. */
  public OrNone() {}

  @Override
  public List<ClassNode[]> getClosureSignatures(
      MethodNode method,
      SourceUnit source,
      CompilationUnit compilation,
      String[] options,
      ASTNode usage) {
    var signatures =
        new ArrayList<>(super.getClosureSignatures(method, source, compilation, options, usage));
    signatures.add(ClassNode.EMPTY_ARRAY);
    return signatures;
  }
}
